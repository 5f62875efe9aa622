import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { L10n, parseTable } from '../../../webview/l10n';
import { formatMessage, placeholderNames } from '../../../webview/messageFormat';

const folder = new URL('../../../media/l10n/', import.meta.url);
const readTable = (file: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Record<string, string>;

const strings = {
  plain: 'Stop',
  named: 'Delete “{title}”?',
  count: '{n, plural, one {# token} other {# tokens}} of {total}',
};
const english = new L10n<keyof typeof strings>({ language: 'en', dir: 'ltr', strings });

describe('L10n', () => {
  it('fills names and groups numbers', () => {
    expect(english.t('plain')).toBe('Stop');
    expect(english.t('named', { title: 'A {b}' })).toBe('Delete “A {b}”?');
    expect(english.t('count', { n: 1, total: 8192 })).toBe('1 token of 8,192');
    expect(english.t('count', { n: 1270, total: 2.25 })).toBe('1,270 tokens of 2.3');
  });

  it('leaves a placeholder without a value as it is, and shows the key of a missing string', () => {
    expect(english.t('named')).toBe('Delete “{title}”?');
    const empty = new L10n<'a.b'>({ language: 'en', dir: 'ltr', strings: {} });
    expect(empty.t('a.b')).toBe('a.b');
  });

  it('has the plural forms of Arabic, Latin digits, and isolates what is put in', () => {
    const arabic = new L10n<'n' | 'name'>({
      language: 'ar',
      dir: 'rtl',
      strings: {
        n: '{n, plural, one {واحد} two {اثنان} few {# قليل} many {# كثير} other {# آخر}}',
        name: 'احذف {x}',
      },
    });
    expect([1, 2, 3, 11, 100].map((n) => arabic.t('n', { n }))).toEqual([
      'واحد',
      'اثنان',
      '3 قليل',
      '11 كثير',
      '100 آخر',
    ]);
    expect(arabic.t('name', { x: 'a.ts' })).toBe('احذف \u2068a.ts\u2069');
    expect(arabic.number(3850)).toMatch(/^3\D850$/);
  });

  it('tells how long ago something was', () => {
    const now = Date.UTC(2024, 4, 2, 12);
    expect(english.timeAgo(now - 5 * 60_000, now)).toBe('5 minutes ago');
    expect(english.timeAgo(now - 3 * 3_600_000, now)).toBe('3 hours ago');
    expect(english.timeAgo(now - 26 * 3_600_000, now)).toBe('yesterday');
  });
});

describe('parseTable', () => {
  it('takes what is sound and falls back to English, left to right', () => {
    expect(parseTable('{"language":"ar","dir":"rtl","strings":{"a":"ب","n":1}}')).toEqual({
      language: 'ar',
      dir: 'rtl',
      strings: { a: 'ب' },
    });
    for (const broken of ['', 'nonsense', 'null', '{"language":"xx","dir":5,"strings":[]}']) {
      expect(parseTable(broken)).toEqual({ language: 'en', dir: 'ltr', strings: {} });
    }
  });
});

describe('formatMessage', () => {
  it('survives unbalanced braces', () => {
    const options = { number: String, plural: () => 'other', wrap: (text: string) => text };
    expect(formatMessage('a {b', { b: 1 }, options)).toBe('a {b');
    expect(formatMessage('a } {b}', { b: 1 }, options)).toBe('a } 1');
  });
});

describe('the tables of the chat page', () => {
  const en = readTable('chat.en.json');
  const ar = readTable('chat.ar.json');

  it('have the same keys', () => {
    expect(Object.keys(ar).sort()).toEqual(Object.keys(en).sort());
  });

  it('have the same placeholders', () => {
    for (const [key, text] of Object.entries(en)) {
      expect([key, placeholderNames(ar[key] ?? '')]).toEqual([key, placeholderNames(text)]);
    }
  });

  it('are translated, the names that need none apart', () => {
    const same = Object.keys(en).filter((key) => en[key] === ar[key]);
    expect(same).toEqual(['chip.title']);
  });

  it('name every plural form that their language has', () => {
    for (const [language, table] of [
      ['en', en],
      ['ar', ar],
    ] as const) {
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      for (const [key, text] of Object.entries(table)) {
        for (const [plural] of text.matchAll(/\{\w+, plural,(?:[^{}]|\{[^{}]*\})*\}/g)) {
          for (const form of forms)
            expect([key, plural]).toEqual([key, expect.stringContaining(`${form} {`)]);
        }
      }
    }
  });

  it('hold no string that the page does not use', () => {
    const page = new URL('../../../webview/chat/', import.meta.url);
    const source = readdirSync(page)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(new URL(file, page), 'utf8'))
      .join('\n');
    // Keys that are put together: `action.${first}`, `status.${stopReason}`, `engine.${face}`.
    const composed =
      /^(?:action\.\w+|status\.(?:maxTokens|contextFull|cancelled)|engine\.(?:starting|loading))$/;
    const unused = Object.keys(en).filter((key) => !source.includes(`'${key}'`) && !composed.test(key));
    expect(unused).toEqual([]);
  });
});
