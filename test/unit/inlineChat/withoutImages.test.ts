import MarkdownIt from 'markdown-it';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutFence } from '../../../src/inlineChat/withoutFence';
import { withoutImages } from '../../../src/inlineChat/withoutImages';

const image = '![x](https://example.com/leak.png)';
const rendered = (markdown: string) => new MarkdownIt({ html: true }).render(withoutImages(markdown));

describe('the Markdown of an answer', () => {
  it('stays as it is without images', () => {
    const answer =
      'A [link](https://example.com), `code`, **bold**.\n\n- one\n- two\n\n```rust\nvec![1]\n```';
    expect(withoutImages(answer)).toBe(answer);
  });

  it.each([
    ['plain', image],
    ['by reference', '![x][y]\n\n[y]: https://example.com/leak.png'],
    ['escaped once', `\\${image}`],
    ['escaped twice', `\\\\${image}`],
    ['behind a block that ends with its list', `- a\n  \`\`\`\n${image}`],
    ['behind a fence in a block of HTML', `<div>\n\`\`\`\n\n${image}`],
    ['behind a fence in a comment of HTML', `<!--\n\`\`\`\n-->\n${image}`],
    ['behind a fence within another one', `~~~\n\`\`\`\n~~~\n${image}`],
    ['behind what looks like a fence', `\`\`\`a\`b\n${image}`],
    ['after other line ends', `a\r\`\`\`\r\`\`\`\r${image}`],
    ['in a quotation', `> \`\`\`\n${image}`],
    ['as HTML', '<img src="https://example.com/leak.png">'],
  ])('holds no image: %s', (_name, markdown) => {
    expect(rendered(markdown)).not.toMatch(/<img/);
  });

  it('holds no image, whatever is put together', () => {
    const piece = fc.constantFrom(
      image,
      '```',
      '~~~',
      '\n',
      '\n\n',
      '- ',
      '> ',
      '    ',
      ' ',
      '<div>',
      '\\',
      '`',
      '````',
      'a',
      '!',
      '[x](u)',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        expect(rendered(pieces.join(''))).not.toMatch(/<img/);
      }),
      { numRuns: 3000 },
    );
  });

  it('ends a code block that the answer has not ended yet', () => {
    expect(withoutImages('Here:\n```js\nlet a')).toBe('Here:\n```js\nlet a\n```');
  });

  it('is copied without its fence where it is one block of code alone', () => {
    expect(withoutFence('```ts\nlet a;\nlet b;\n```\n')).toBe('let a;\nlet b;');
    expect(withoutFence('````md\n```js\na\n```\n````')).toBe('```js\na\n```');
    for (const answer of ['Words.', 'So:\n```ts\nlet a;\n```', '```ts\na\n```\nand\n```ts\nb\n```']) {
      expect(withoutFence(answer)).toBe(answer);
    }
  });
});
