import fc from 'fast-check';

/** Lines that mean something to Markdown: what models write, and worse. */
const lines = fc.constantFrom(
  ...['', '', '', 'word **bold** `code`', 'and *more', 'see [a] and [b][a]', '# Title', '---', '===', '***'],
  ...['[a]: https://example.org/a', '[b]: <x.ts>', "'a title", "that goes on'", '[a]:', '- item', '* other'],
  ...['+ [ ] plus', '1. one', '2', '2. two', '10) ten', '  indented', '    code', '\tcode', '      deep'],
  ...['> quote', '> - quoted', '>', '```', '```ts', '~~~', '````', '   ```', '| a | b |', '|---|--:|'],
  ...['a | b', '--|--', '<b>html</b>', '<!-- x', '\\', '$x$', 'hard  ', 'https://example.org/x'],
  ...['![i](x.png)', '&amp; &#35;'],
);
const lineEnds = fc.constantFrom('\n', '\n', '\n', '\n\n', '\r\n', '\r', ' ');

/** Such lines in any order. */
export const markdown = fc
  .array(fc.tuple(lines, lineEnds), { maxLength: 14 })
  .map((pieces) => pieces.flat().join(''));
