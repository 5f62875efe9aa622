import { describe, expect, it } from 'vitest';
import { messageFrom } from '../../../src/commitMessage/messageText';

const message = 'Add a queue\n\nIt holds what waits.';

describe('the commit message in an answer', () => {
  it.each([
    ['alone', message],
    ['in a fence', `\`\`\`\n${message}\n\`\`\``],
    [
      'in a fence with a language and words around',
      `Here is one:\n\n\`\`\`text\n${message}\n\`\`\`\nIt is short.`,
    ],
    ['in a fence that is not closed', `\`\`\`\n${message}`],
    ['after an introduction', `Sure, here is the commit message:\n\n${message}`],
    ['with a label', `**Commit message:** Add a queue\n\nIt holds what waits.`],
    ['with a full stop and quotes', `"Add a queue."\n\nIt holds what waits.`],
    ['with CRLF and too many blank lines', 'Add a queue\r\n\r\n\r\n\r\nIt holds what waits.  \r\n'],
    ['as a heading', `# Add a queue\n\nIt holds what waits.`],
  ])('is found %s', (_, answer) => {
    expect(messageFrom(answer)).toBe(message);
  });

  it('keeps what only looks like wrapping', () => {
    expect(messageFrom('`push` takes several items')).toBe('`push` takes several items');
    expect(messageFrom('fix: read the file once')).toBe('fix: read the file once');
    expect(messageFrom('Leave room for more...')).toBe('Leave room for more...');
    expect(messageFrom('Add a queue\n\nUse:\n```ts\nnew Queue()\n```')).toBe(
      'Add a queue\n\nUse:\n```ts\nnew Queue()\n```',
    );
  });

  it('grows with an answer that still comes, and never shows its wrapping', () => {
    const answer = `Here is the commit message:\n\`\`\`\n${message}\n\`\`\``;
    const seen = Array.from({ length: answer.length }, (_, end) => messageFrom(answer.slice(0, end + 1)));
    const afterIntroduction = seen.slice(answer.indexOf(':') + 1);
    for (const each of afterIntroduction) expect(message.startsWith(each)).toBe(true);
    expect(seen.at(-1)).toBe(message);
  });

  it('is empty where the answer is', () => {
    expect(messageFrom(' \n')).toBe('');
  });
});
