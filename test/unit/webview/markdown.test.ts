import { describe, expect, it } from 'vitest';
import { parseBlocks } from '../../../webview/chat/markdown';

const html = (text: string): string =>
  parseBlocks(text, {})
    .map(({ block }) => block.html)
    .join('');

describe('parseBlocks', () => {
  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'text <b onclick="x()">bold</b>',
    '<iframe src="https://example.org"></iframe>',
  ])('shows HTML as text: %s', (text) => {
    expect(html(text)).not.toMatch(/<(?:script|img|b|iframe)\b/);
    expect(html(text)).toContain('&lt;');
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](JavaScript:alert(1))',
    '[x](vbscript:x)',
    '[x](data:text/html,hello)',
    '[x](command:workbench.action.quit)',
    '[x](vscode://extension/x)',
    '[x](file:///etc/passwd)',
    '<javascript:alert(1)>',
    '[x](&#32;javascript:alert(1))',
    '[x](javascript&colon;alert(1))',
    '[x](x.y:alert(1))',
    '[x][y]\n\n[y]: javascript:alert(1)',
  ])('makes no link of %s', (text) => {
    expect(html(text)).not.toContain('<a');
  });

  it('links addresses of the web, also bare ones', () => {
    expect(html('[x](https://example.org/a)')).toContain('<a href="https://example.org/a">x</a>');
    expect(html('see https://example.org/b.')).toContain('<a href="https://example.org/b">');
  });

  it('links files of the workspace where the model does', () => {
    expect(html('[queue](src/queue.ts#L12)')).toContain('<a href="src/queue.ts#L12">');
    expect(html('[queue](queue.ts:12)')).toContain('<a href="queue.ts:12">');
  });

  it('takes no control character for the end of a scheme', () => {
    expect(html('[x](java&#9;script:alert(1)) [y](<java\tscript:alert(1)>)')).not.toMatch(
      /href="[^"]*[\t\n]/,
    );
  });

  it('takes file names for what they are', () => {
    expect(html('Look at README.md, main.rs and lib.py')).not.toContain('<a');
  });

  it('never makes an image', () => {
    expect(html('![alt](https://example.org/x.png)')).not.toContain('<img');
  });

  it('carries the alignment of a column without a style', () => {
    const table = html('| a | b |\n|---|--:|\n| 1 | 2 |');
    expect(table).toContain('<td data-align="right">2</td>');
    expect(table).not.toContain('style=');
  });

  it('gives the code of a fence as it is, and the first word of its info as language', () => {
    const [parsed] = parseBlocks('```html title="x"\n<b>&amp;</b>\n```', {});
    expect(parsed?.block).toMatchObject({
      kind: 'code',
      content: { language: 'html', code: '<b>&amp;</b>' },
    });
  });

  it('escapes code and language where a fence stands inside another block', () => {
    const list = html('- item\n\n  ```"><script>\n  a < b\n  ```');
    expect(list).toContain('<pre data-language="&quot;&gt;&lt;script&gt;"><code>a &lt; b</code></pre>');
  });
});
