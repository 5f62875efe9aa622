import { beforeEach, describe, expect, it } from 'vitest';
import type { Conversation } from '../../../src/chat/conversation';
import { renderTurns } from '../../../src/chat/history';
import type { AnswerChange, TurnSink } from '../../../src/chat/turnRunner';
import { UserError } from '../../../src/errors';
import { InlineConversation } from '../../../src/inlineChat/inlineConversation';

interface Run {
  asked: Conversation;
  sink: TurnSink;
  signal: AbortSignal;
  end: (change: AnswerChange) => void;
}
const done = (text: string): AnswerChange => ({ text, status: { kind: 'done', stopReason: 'end' } });
const cancelled = { kind: 'done', stopReason: 'cancelled' } as const;

let runs: Run[];
let changes: number;
let conversation: InlineConversation;
const statuses = () =>
  conversation.messages.flatMap((message) => (message.role === 'assistant' ? [message.status] : []));
/** The run of a number, once the conversation has come to it. */
const run = (index: number): Promise<Run> =>
  expect
    .poll(() => runs[index])
    .toBeDefined()
    .then(() => runs[index] as Run);
const ask = (text: string) =>
  conversation.ask(text, ({ text: typed }) => Promise.resolve({ text: typed, attachments: [] }));

beforeEach(() => {
  runs = [];
  changes = 0;
  let id = 0;
  conversation = new InlineConversation({
    runner: {
      run: (asked, sink, signal) =>
        new Promise((end) => {
          runs.push({ asked, sink, signal, end });
        }),
    },
    newId: () => `id${++id}`,
    now: () => 0,
    describe: (error) => (UserError.is(error) ? error.message : undefined),
    onChange: () => changes++,
  });
});

describe('a conversation in the editor', () => {
  it('shows the question at once, and the answer as it comes', async () => {
    const ended = ask('Why?');
    expect(conversation.messages.map(({ role, text }) => [role, text])).toEqual([
      ['user', 'Why?'],
      ['assistant', ''],
    ]);
    expect(conversation.running).toBe(true);
    const { sink, end } = await run(0);
    const before = changes;
    sink.answer({ text: 'Be', status: { kind: 'streaming', tokensPerSecond: 2 } });
    expect(conversation.messages[1]?.text).toBe('Be');
    expect(changes).toBe(before + 1);
    end(done('Because.'));
    expect(await ended).toMatchObject(done('Because.'));
    expect(conversation.running).toBe(false);
  });

  it('asks the model with what goes along, which is found when its turn has come', async () => {
    const attachment = {
      id: 'a',
      label: 'q.ts',
      path: 'q.ts',
      uri: 'file:///q.ts',
      languageId: 'typescript',
      text: 'x',
    };
    const ended = conversation.ask('see @file:q.ts', () =>
      Promise.resolve({ text: 'see q.ts', attachments: [attachment] }),
    );
    const { asked, end } = await run(0);
    expect(renderTurns(asked.messages).flatMap(({ messages }) => messages)).toEqual([
      { role: 'user', content: 'q.ts:\n```typescript\nx\n```\n\nsee q.ts' },
    ]);
    end(done('Seen.'));
    await ended;
  });

  it('makes one answer after the other, each with all that was said before', async () => {
    const first = ask('One?');
    const second = ask('Two?');
    (await run(0)).end(done('1'));
    await first;
    const { asked, end } = await run(1);
    expect(asked.messages.map(({ text }) => text)).toEqual(['One?', '1', 'Two?']);
    expect(asked.id).toBe(conversation.id);
    end(done('2'));
    await second;
    expect(statuses()).toEqual([done('').status, done('').status]);
  });

  it('stops what runs and what waits, and keeps what came', async () => {
    const first = ask('One?');
    const second = ask('Two?');
    const { sink, signal, end } = await run(0);
    sink.answer({ text: 'Half', status: { kind: 'streaming', tokensPerSecond: 1 } });
    conversation.stop();
    expect(signal.aborted).toBe(true);
    expect(statuses()).toEqual([{ kind: 'stopping' }, { kind: 'stopping' }]);
    sink.answer({ status: { kind: 'streaming', tokensPerSecond: 1 } });
    expect(statuses()[0]).toEqual({ kind: 'stopping' });
    end({ text: 'Half', status: cancelled });
    expect((await first).text).toBe('Half');
    expect((await second).status).toEqual(cancelled);
    expect(runs.length).toBe(1);
    const third = ask('Three?');
    (await run(1)).end(done('3'));
    expect((await third).text).toBe('3');
  });

  it('asks with the code again where the turn that held it has just left the context', async () => {
    const code = {
      ...{ id: 'a', label: 'q.ts', path: 'q.ts', uri: 'file:///q.ts', languageId: 'typescript', text: 'x' },
    };
    const first = ask('One?');
    (await run(0)).end(done('1'));
    await first;
    const second = conversation.ask('Two?', ({ text }) =>
      Promise.resolve({ text, attachments: [], again: () => code }),
    );
    const { asked, sink, signal, end } = await run(1);
    const memory = { droppedTurns: 1, rereadTokens: 9, rereadSeconds: null, contextSize: 512 };
    sink.memory({ ...memory, firstMessageId: asked.messages.at(-1)?.id ?? '' });
    expect(signal.aborted).toBe(true);
    end({ status: cancelled });
    const again = await run(2);
    expect(again.signal.aborted).toBe(false);
    expect(again.asked.memory).toMatchObject(memory);
    expect(again.asked.messages.at(-1)).toMatchObject({ text: 'Two?', attachments: [code] });
    expect(conversation.kept.map(({ text }) => text)).toEqual(['Two?', '']);
    again.end(done('2'));
    expect(await second).toMatchObject(done('2'));
    expect(runs.length).toBe(3);
  });

  it('says in the thread why something cannot go along, and answers the next question', async () => {
    const failed = await conversation.ask('@x', () => Promise.reject(new UserError('x is too large.')));
    expect(failed.status).toMatchObject({ kind: 'failed', message: 'x is too large.' });
    const next = ask('And now?');
    (await run(0)).end(done('Yes.'));
    expect((await next).text).toBe('Yes.');
  });
});
