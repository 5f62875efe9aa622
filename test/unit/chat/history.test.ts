import { describe, expect, it } from 'vitest';
import { fenced } from '../../../src/chat/attachmentText';
import type { Attachment } from '../../../src/chat/chatApi';
import { newAnswer, type Answer, type UserMessage } from '../../../src/chat/conversation';
import { renderTurns, systemMessage, turnsFrom } from '../../../src/chat/history';
import { agentsFile, maxAgentsBytes } from '../../../src/chat/promptPrefix';

const user = (id: string, text: string, attachments: Attachment[] = []): UserMessage => ({
  ...{ role: 'user', id, text, attachments },
});
const answer = (id: string, change: Partial<Answer>): Answer => ({ ...newAnswer(id), ...change });

describe('renderTurns', () => {
  it('pairs messages and answers, with thoughts beside the text', () => {
    const turns = renderTurns([user('1', 'a'), answer('2', { text: 'b', thought: 't' }), user('3', 'c')]);
    expect(turns).toEqual([
      {
        firstMessageId: '1',
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b', thought: 't' },
        ],
      },
      { firstMessageId: '3', messages: [{ role: 'user', content: 'c' }] },
    ]);
  });

  it('lets roles alternate where an answer never began, and leaves out what was refused', () => {
    const turns = renderTurns([
      ...[user('1', 'a'), answer('2', { thought: 'only thought' })],
      ...[user('3', 'huge'), answer('4', { refused: true })],
      user('5', 'c'),
    ]);
    expect(turns).toEqual([{ firstMessageId: '1', messages: [{ role: 'user', content: 'a\n\nc' }] }]);
  });

  it('puts attachments before the question, with path, lines and language', () => {
    const attachment = {
      ...{ id: 'x', label: 'q.ts:12–13', path: 'src/q.ts', uri: 'file:///q.ts', languageId: 'typescript' },
      ...{ text: 'run();\nstop();', lines: { start: 12, end: 13 } },
    };
    expect(renderTurns([user('1', 'Why?', [attachment])])[0]?.messages[0]?.content).toBe(
      'src/q.ts, lines 12–13:\n```typescript\nrun();\nstop();\n```\n\nWhy?',
    );
  });

  it('fences text that has fences in it with a longer one', () => {
    expect(fenced('a\n````\nb\n', 'md')).toBe('`````md\na\n````\nb\n`````');
  });
});

describe('turnsFrom', () => {
  it('begins at a message, or at the start where it is gone', () => {
    const turns = renderTurns([user('1', 'a'), answer('2', { text: 'b' }), user('3', 'c')]);
    expect(turnsFrom(turns, '3').map(({ firstMessageId }) => firstMessageId)).toEqual(['3']);
    expect(turnsFrom(turns, 'gone')).toEqual(turns);
    expect(turnsFrom(turns, undefined)).toEqual(turns);
  });
});

describe('the prefix', () => {
  it('keeps its order and leaves out what is empty', () => {
    expect(systemMessage({ base: 'B', own: ' ', agents: '' }).content).toBe('B');
    const { content } = systemMessage({ base: 'B', own: 'Own.\n', agents: 'Agents.\n' });
    expect(content).toMatch(/^B\n\nOwn\.\n\n[^\n]*AGENTS\.md[^\n]*\nAgents\.$/);
  });

  it('caps AGENTS.md at the end of a line', () => {
    const line = `${'é'.repeat(50)}\n`;
    const { text, truncated } = agentsFile(new TextEncoder().encode(line.repeat(1000)));
    expect(truncated).toBe(true);
    expect(text.endsWith(line)).toBe(true);
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(maxAgentsBytes);
    expect(agentsFile(new TextEncoder().encode('short'))).toEqual({ text: 'short', truncated: false });
  });
});
