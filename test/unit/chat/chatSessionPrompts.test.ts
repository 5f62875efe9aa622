import { describe, expect, it, vi } from 'vitest';
import type { AskResult } from '../../../src/chat/chatApi';
import type { StopReason } from '../../../src/protocol/engine';
import { crashed, ended, exchange, start } from './chatSessionFixture';

describe('prompts sent while one runs', () => {
  it('wait, in order, and can be taken back', async () => {
    const harness = start();
    const { session } = harness;
    for (const text of ['first', 'second', 'third', 'fourth']) await session.send(text);
    expect(session.snapshot().queue.map(({ text }) => text)).toEqual(['second', 'third', 'fourth']);
    session.removeQueued(session.snapshot().queue[1]?.id ?? '');
    (await harness.call(0)).end({ text: '1' });
    (await harness.call(1)).end({ text: '2' });
    (await harness.call(2)).end({ text: '4' });
    await ended(harness, 2);
    expect(harness.users()).toEqual(['first', 'second', 'fourth']);
    expect(harness.engine.calls[2]?.request.messages.map(({ content }) => content)).toEqual([
      ...['SYSTEM', 'first', '1', 'second', '2', 'fourth'],
    ]);
  });

  it('are held after a failure, and go on after the next success', async () => {
    const harness = start();
    await harness.session.send('first');
    await harness.session.send('second');
    (await harness.call(0)).fail(crashed());
    await ended(harness, 0);
    expect(harness.session.snapshot().queue.map(({ text }) => text)).toEqual(['second']);
    await harness.session.retry(harness.answer(0).id);
    (await harness.call(1)).end({ text: '1' });
    (await harness.call(2)).end({ text: '2' });
    await ended(harness, 1);
    expect(harness.users()).toEqual(['first', 'second']);
  });
});

describe('edit and resend', () => {
  it('cuts what came after the message', async () => {
    const harness = start();
    await exchange(harness, 'one', '1');
    await exchange(harness, 'two', '2');
    const first = harness.session.current.messages[0]?.id ?? '';
    await harness.session.editAndResend(first, 'uno');
    const call = await harness.call(2);
    expect(call.request.messages.map(({ content }) => content)).toEqual(['SYSTEM', 'uno']);
    call.text('1!');
    call.end();
    await ended(harness, 0);
    expect(harness.users()).toEqual(['uno']);
    expect(harness.answer(0).text).toBe('1!');
    expect(harness.session.current.title).toBe('uno');
  });

  it('that fails before its first token gives everything back, and the text to the input', async () => {
    const harness = start();
    await exchange(harness, 'one', '1');
    await exchange(harness, 'two', '2');
    await harness.session.editAndResend(harness.session.current.messages[0]?.id ?? '', 'uno');
    (await harness.call(2)).fail(crashed());
    await vi.waitFor(() => expect(harness.users()).toEqual(['one', 'two']));
    expect(harness.answer(1).text).toBe('2');
    expect(harness.events).toContainEqual({ kind: 'focusInput', text: 'uno' });
  });

  it('stops a running answer first', async () => {
    const harness = start();
    await harness.session.send('one');
    const call = await harness.call(0);
    const edited = harness.session.editAndResend(harness.session.current.messages[0]?.id ?? '', 'two');
    expect(harness.engine.calls).toHaveLength(1);
    await vi.waitFor(() => expect(call.signal.aborted).toBe(true));
    call.end({ stopReason: 'cancelled' });
    await edited;
    expect((await harness.call(1)).request.messages.at(-1)?.content).toBe('two');
    expect(harness.users()).toEqual(['two']);
  });
});

describe('ask', () => {
  const attachment = {
    ...{ id: 'a1', label: 'a.ts:2', path: 'src/a.ts', uri: 'file:///a.ts', languageId: 'typescript' },
    ...{ text: 'let a;', lines: { start: 2, end: 2 } },
  };

  it.each<[StopReason, Partial<AskResult>]>([
    ['end', { kind: 'answered' }],
    ['cancelled', { kind: 'cancelled' }],
    ['maxTokens', { kind: 'answered', cutAt: 'maxTokens' }],
    ['contextFull', { kind: 'answered', cutAt: 'contextFull' }],
  ])('settles with %s as %o', async (stopReason, settled) => {
    const harness = start();
    const result = harness.session.ask({ text: 'Explain', attachments: [attachment] });
    const call = await harness.call(0);
    expect(call.request.messages[1]?.content).toBe(
      'src/a.ts, line 2:\n```typescript\nlet a;\n```\n\nExplain',
    );
    call.text('It is a.');
    call.end({ stopReason });
    expect(await result).toEqual({ ...settled, text: 'It is a.' });
  });

  it('settles on failure, on removal from the queue, and on dispose', async () => {
    const harness = start();
    const failing = harness.session.ask({ text: 'one', attachments: [] });
    const call = await harness.call(0);
    const held = harness.session.ask({ text: 'two', attachments: [] });
    await vi.waitFor(() => expect(harness.session.snapshot().queue).toHaveLength(1));
    call.fail(crashed());
    expect(await failing).toEqual({ kind: 'failed' });
    expect(await held).toEqual({ kind: 'failed' });
    const other = start();
    const running = other.session.ask({ text: 'one', attachments: [] });
    await other.call(0);
    const waiting = other.session.ask({ text: 'two', attachments: [] });
    await vi.waitFor(() => expect(other.session.snapshot().queue).toHaveLength(1));
    other.session.dispose();
    expect(await running).toEqual({ kind: 'cancelled', text: '' });
    expect(await waiting).toEqual({ kind: 'cancelled', text: '' });
  });
});
