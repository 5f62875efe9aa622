import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { L10n } from '../../../webview/l10n';
import { placeholderNames } from '../../../webview/messageFormat';
import type { SettingsKey } from '../../../webview/settings/ui';

const root = new URL('../../../', import.meta.url);
const readTable = (file: string) =>
  JSON.parse(readFileSync(new URL(`media/l10n/${file}`, root), 'utf8')) as Record<string, string>;
const en = readTable('settings.en.json');
const ar = readTable('settings.ar.json');

describe('the tables of the settings page', () => {
  it('have the same keys and placeholders', () => {
    expect(Object.keys(ar)).toEqual(Object.keys(en));
    for (const [key, text] of Object.entries(en)) {
      expect([key, placeholderNames(ar[key] ?? '')]).toEqual([key, placeholderNames(text)]);
    }
  });

  it('are translated, abbreviations apart', () => {
    const same = Object.keys(en).filter((key) => en[key] === ar[key]);
    expect(same).toEqual(['memory.vram', 'memory.ram']);
  });

  it('name every plural form of Arabic', () => {
    const forms = new Intl.PluralRules('ar').resolvedOptions().pluralCategories;
    const plurals = Object.entries(ar).filter(([, text]) => text.includes(', plural,'));
    expect(plurals.length).toBeGreaterThan(3);
    for (const [key, text] of plurals) {
      const count = (part: string) => text.split(part).length - 1;
      for (const form of forms)
        expect([key, form, count(`${form} {`)]).toEqual([key, form, count('plural,')]);
    }
  });

  it('hold no string that the page does not use', () => {
    const page = new URL('webview/settings/', root);
    const source = readdirSync(page)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(new URL(file, page), 'utf8'))
      .join('\n');
    // Keys that are put together of a name or of a choice.
    const composed =
      /^(?:memory\.v?ram$|(?:state|name|option|check|verdict|part|hint\.kvCacheType|hint\.flashAttention)\.\w+$)/;
    expect(Object.keys(en).filter((key) => !source.includes(`'${key}'`) && !composed.test(key))).toEqual([]);
  });

  it('count what is unsaved', () => {
    const english = new L10n<SettingsKey>({ language: 'en', dir: 'ltr', strings: en });
    expect(english.t('foot.changes', { count: 2, names: 'Context, Threads' })).toBe(
      '2 changes not applied: Context, Threads.',
    );
    const arabic = new L10n<SettingsKey>({ language: 'ar', dir: 'rtl', strings: ar });
    expect(arabic.t('foot.changes', { count: 2, names: 'x' })).toBe('تغييران لم يُطبّقا: \u2068x\u2069.');
  });
});
