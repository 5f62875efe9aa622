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

/** Lines that go on in a list or a table, end it, or begin another; no link definitions. */
const partLines = fc.constantFrom(
  ...[
    '',
    '- item **bold**',
    '- `code`',
    '-',
    ' - one further',
    '   - three further',
    '     - five',
    '* other',
  ],
  ...[
    '3. three',
    '4. four',
    '1) one',
    '  1. two further',
    '   10. ten',
    '- a | b',
    '--|--',
    '| a | b |',
    '|--:|---|',
  ],
  ...[
    '| `1` | 2 |',
    '| 3',
    'lazy',
    '  indented',
    '    code',
    '- ```',
    '  ```',
    '```',
    '- - -',
    '> quote',
    '-     code',
  ],
  ...['- # title', '===', '---', '\t- tab', '-\ttab'],
);

const textOf = (line: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.tuple(line, lineEnds), { maxLength }).map((pieces) => pieces.flat().join(''));

/** Such lines in any order. */
export const markdown = textOf(lines, 14);

/** Lists and tables, mostly, and what is nearly one. */
export const listMarkdown = textOf(partLines, 20);
