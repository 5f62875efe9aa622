import { expect, it } from 'vitest';
import { append, newAnswer, newConversation } from '../../../src/chat/conversation';
import { exportMarkdown } from '../../../src/chat/exportMarkdown';
import { words } from './fakes';

it('writes the whole conversation as Markdown', () => {
  const conversation = append(
    newConversation('1', 'New', 0),
    [
      {
        ...{ role: 'user', id: 'u', text: 'What is `a_b`?' },
        attachments: [
          {
            ...{ id: 'x', label: 'a.ts', path: 'a.ts', uri: 'file:///a.ts', languageId: 'ts' },
            text: 'a_b\n',
          },
        ],
      },
      {
        ...newAnswer('a'),
        ...{ text: 'A name.\n', thought: 'Hm.', status: { kind: 'done', stopReason: 'cancelled' } },
        stats: {
          ...{
            tokens: 1234,
            tokensPerSecond: 9.87,
            firstTokenSeconds: null,
            promptTokens: 1,
            reusedTokens: 0,
          },
        },
      },
      { ...newAnswer('b'), status: { kind: 'failed', message: 'It crashed.', action: undefined } },
    ],
    0,
  );
  expect(exportMarkdown(conversation, words.export)).toBe(
    [
      ...['# What is \\`a\\_b\\`?', '## You', 'a.ts:\n```ts\na_b\n```', 'What is `a_b`?', '## Answer'],
      '<details>\n<summary>Thoughts</summary>\n\nHm.\n\n</details>',
      ...['A name.', '*Stopped.*', '*1,234 tokens · 9.9 tok/s*', '## Answer', '*It crashed.*\n'],
    ].join('\n\n'),
  );
});
