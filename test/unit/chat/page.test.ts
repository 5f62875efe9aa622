import { describe, expect, it } from 'vitest';
import { loadPageTable, pageLanguage } from '../../../src/l10nTables';
import { webviewHtml } from '../../../src/webviewHtml';

const files: Record<string, string> = {
  'chat.en.json': '{"send":"Send","stop":"Stop"}',
  'chat.ar.json': '{"send":"أرسل"}',
};
const readFile = (name: string): Promise<Uint8Array> => {
  const text = files[name];
  return text === undefined
    ? Promise.reject(new Error(name))
    : Promise.resolve(new TextEncoder().encode(text));
};

describe('the texts of a page', () => {
  it('follow the setting, and the editor where it is automatic', () => {
    expect(pageLanguage('ar', 'en')).toBe('ar');
    expect(pageLanguage('en', 'ar')).toBe('en');
    expect(pageLanguage('auto', 'ar-EG')).toBe('ar');
    expect(pageLanguage('auto', 'arn')).toBe('en');
    expect(pageLanguage('auto', 'de')).toBe('en');
  });

  it('are English where the translation lacks them', async () => {
    expect(await loadPageTable('chat', 'ar', readFile)).toEqual({
      ...{ language: 'ar', dir: 'rtl', strings: { send: 'أرسل', stop: 'Stop' } },
    });
    await expect(loadPageTable('settings', 'en', readFile)).rejects.toThrow();
  });
});

describe('webviewHtml', () => {
  const table = { language: 'ar' as const, dir: 'rtl' as const, strings: { x: '</script><script>bad()' } };
  const html = webviewHtml({
    ...{ page: 'chat', title: 'A & B', cspSource: 'https://*.test', nonce: 'N0nce', table },
    ...{ scriptUri: 'https://x.test/chat.js', styleUri: 'https://x.test/chat.css' },
  });

  it('lets nothing run or style but what carries the nonce', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    expect(policy.split('; ').slice(0, 3)).toEqual([
      ...["default-src 'none'", "script-src 'nonce-N0nce'", "style-src https://*.test 'nonce-N0nce'"],
    ]);
    expect(policy).not.toContain('unsafe');
    expect(html).toContain('<meta property="csp-nonce" content="N0nce">');
    expect(html).toContain('<script nonce="N0nce" defer src="https://x.test/chat.js"></script>');
    expect(html).toContain('<html lang="ar" dir="rtl">');
  });

  it('carries the texts as data that cannot end their element', () => {
    expect(html.match(/<script/g)).toHaveLength(2);
    const data = /id="l10n">(.*?)<\/script>/.exec(html)?.[1] ?? '';
    expect(JSON.parse(data)).toEqual(table);
  });
});
