import { describe, expect, it } from 'vitest';
import { newAnswer, type Answer, type Message } from '../../../src/chat/conversation';
import type { AnswerEdits } from '../../../src/edit/answerEdits';
import { threadComments } from '../../../src/inlineChat/threadComments';
import { threadLabel } from '../../../src/inlineChat/threadWords';
import { translate } from '../models/translate';

const answer = (change: Partial<Answer>): Answer => ({ ...newAnswer('a'), ...change });
const ended = { kind: 'done', stopReason: 'end' } as const;
const stats = {
  tokens: 120,
  tokensPerSecond: 12.4,
  firstTokenSeconds: 3,
  promptTokens: 1812,
  reusedTokens: 0,
};
const label = (change: Partial<Answer>) => threadLabel(translate, 'q.ts:1–4', answer(change), undefined);

describe('the line above a thread', () => {
  it('tells what sending would cost, as far as that is known', () => {
    const of = (tokens: number, seconds?: number) =>
      threadLabel(translate, 'q.ts:1–4', undefined, { tokens, seconds });
    expect(of(1812, 9.2)).toBe('Layercake · q.ts:1–4 · about 1,812 tokens to read, about 9.2 s');
    expect(of(60, 0.01)).toMatch(/ about 60 tokens to read, about 0\.1 s$/);
    expect(of(9000, 9.97)).toMatch(/, about 10 s$/);
    expect(of(812)).toBe('Layercake · q.ts:1–4 · about 812 tokens to read');
    expect(threadLabel(translate, 'q.ts:1–4', undefined, undefined)).toBe('Layercake · q.ts:1–4');
  });

  it('tells how far an answer is', () => {
    expect(label({ status: { kind: 'waiting' } })).toMatch(/Getting the model ready$/);
    const reading = {
      kind: 'reading',
      done: 300,
      total: 812,
      reused: 0,
      tokensPerSecond: 100,
      secondsLeft: 5,
    } as const;
    expect(label({ status: reading })).toMatch(/Reading 300 of 812 tokens, about 5 s left$/);
    expect(label({ status: { kind: 'streaming', tokensPerSecond: 1.94 } })).toMatch(
      /Writing at 1\.9 tok\/s$/,
    );
  });

  it('tells what an answer took, and how it ended', () => {
    expect(label({ status: ended, stats })).toMatch(/· 1,812 tokens read, 120 written at 12 tok\/s$/);
    const again = { ...stats, reusedTokens: 1800, tokens: 1, tokensPerSecond: null };
    expect(label({ status: ended, stats: again })).toMatch(/· 12 of 1,812 tokens read anew, 1 written$/);
    const stopped = { kind: 'done', stopReason: 'cancelled' } as const;
    expect(label({ status: stopped, stats })).toMatch(/· Stopped · 1,812 tokens read/);
  });
});

describe('the comments of a thread', () => {
  const question: Message = { role: 'user', id: 'q', text: '*Why*\n# so?', attachments: [] };
  const show = (message: Answer, edits?: AnswerEdits, problems: string[] = []) =>
    threadComments(translate, [question, message], {
      problems: new Map([['q', problems]]),
      edits: new Map(edits === undefined ? [] : [['a', edits]]),
    });
  const change = { uri: 'file:///q.ts', path: 'q.ts', original: 'a', proposed: 'b' };

  it('show what a person wrote as it is, with what could not go along', () => {
    const [shown] = show(answer({}), undefined, ['x was not found.']);
    expect(shown).toEqual({
      ...{ id: 'q', from: 'person', notes: ['x was not found.'] },
      body: { kind: 'text', text: question.text },
    });
  });

  it('show what is done until the first word is there, then the words', () => {
    expect(show(answer({}))[1]?.body).toEqual({ kind: 'markdown', text: '*Getting the model ready*' });
    const running = answer({ text: 'So **it** is', status: { kind: 'streaming', tokensPerSecond: 1 } });
    expect(show(running)[1]?.body.text).toBe('So **it** is');
  });

  it('show a failure in its words, with what came before it', () => {
    const failed = answer({
      text: 'So',
      status: { kind: 'failed', message: 'The engine ended.', action: undefined },
    });
    expect(show(failed)[1]).toMatchObject({ body: { text: 'So' }, notes: ['The engine ended.'] });
  });

  it('say what of an answer cannot be accepted', () => {
    const notes = (edits: AnswerEdits) => show(answer({ text: 'x', status: ended }), edits)[1]?.notes;
    const refused = { why: 'notFound', code: 'x' } as const;
    expect(notes({ changes: [change], refused: [] })).toEqual([]);
    expect(notes({ changes: [], refused: [{ why: 'noCode', code: '' }] })).toEqual([]);
    expect(notes({ changes: [], refused: [refused] })?.[0]).toMatch(/not certain where this code belongs/);
    expect(notes({ changes: [change], refused: [refused] })?.[0]).toMatch(/^One part/);
    expect(notes({ changes: [change], refused: [refused, refused] })?.[0]).toMatch(/^2 parts/);
    expect(notes({ changes: [], refused: [{ why: 'unchanged', code: 'x' }] })).toEqual([
      'This would change nothing.',
    ]);
  });
});
