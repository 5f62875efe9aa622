import { afterEach, describe, expect, it, vi } from 'vitest';
import { CancelledError, EngineError, UserError } from '../../../src/errors';
import type { StopReason } from '../../../src/protocol/engine';
import { FakeEngine, startSession, type Harness } from './fakes';

const open: Harness[] = [];
function start(...change: Parameters<typeof startSession>): Harness {
  const harness = startSession(...change);
  open.push(harness);
  return harness;
}
afterEach(() => {
  for (const { session } of open.splice(0)) session.dispose();
});

const crashed = () => new EngineError({ reason: 'crashed', detail: 'killed by SIGKILL' });

async function exchange(harness: Harness, text: string, answer: string): Promise<void> {
  const before = harness.engine.calls.length;
  await harness.session.send(text);
  const call = await harness.call(before);
  call.text(answer);
  call.end();
  await ended(harness, before);
}

async function ended(harness: Harness, index: number): Promise<void> {
  await vi.waitFor(() => expect(['done', 'failed']).toContain(harness.answer(index).status.kind));
}

describe('an answer', () => {
  it('streams, ends, and carries its own figures', async () => {
    const harness = start();
    await harness.session.send('Why?');
    const call = await harness.call(0);
    expect(call.request.messages).toEqual([
      { role: 'system', content: 'SYSTEM' },
      { role: 'user', content: 'Why?' },
    ]);
    call.prefill(20, 50);
    expect(harness.answer(0).status).toEqual({
      ...{ kind: 'reading', done: 20, total: 50, reused: 0, tokensPerSecond: 100, secondsLeft: 0.3 },
    });
    call.text('Because.');
    expect(harness.answer(0)).toMatchObject({ text: 'Because.', status: { kind: 'streaming' } });
    call.end();
    await ended(harness, 0);
    expect(harness.answer(0)).toMatchObject({
      text: 'Because.',
      status: { kind: 'done', stopReason: 'end' },
      stats: { tokens: 5, tokensPerSecond: 10, firstTokenSeconds: 1.5, promptTokens: 50, reusedTokens: 40 },
    });
    expect(harness.session.current.title).toBe('Why?');
  });

  it('goes to the page in gathered pieces that join up', async () => {
    const harness = start();
    await harness.session.send('Hi');
    const call = await harness.call(0);
    harness.events.length = 0;
    for (const piece of ['a', 'b', 'c', 'd']) call.text(piece);
    harness.clock.advance(30);
    call.text('e');
    harness.clock.advance(30);
    const pieces = harness.events.filter((event) => event.kind === 'stream');
    expect(pieces.map(({ textOffset, text }) => [textOffset, text])).toEqual([
      [0, 'a'],
      [1, 'bcd'],
      [4, 'e'],
    ]);
  });

  it('counts the seconds of thought until the text begins', async () => {
    const harness = start();
    await harness.session.send('Think');
    const call = await harness.call(0);
    call.thought('hm');
    harness.clock.advance(2500);
    call.text('So');
    harness.clock.advance(4000);
    call.text(' it is');
    call.end({ thought: 'hm' });
    await ended(harness, 0);
    expect(harness.answer(0)).toMatchObject({ thought: 'hm', thoughtSeconds: 2.5, text: 'So it is' });
  });

  it('is asked for with the settings of thinking and sampling', async () => {
    const harness = start();
    Object.assign(harness.settings, {
      ...{ 'chat.thinking': 'budget', 'chat.thinkingBudget': 64, 'sampling.temperature': 0 },
    });
    await harness.session.send('Hi');
    const { request } = await harness.call(0);
    expect(request.thinking).toEqual({ mode: 'budget', tokens: 64 });
    expect(request.sampling).toEqual({ maxTokens: 100, temperature: 0 });
  });

  it('that took long is told of in a window without focus', async () => {
    const harness = start({ isFocused: () => false });
    await harness.session.send('Slow one');
    const call = await harness.call(0);
    harness.clock.advance(31_000);
    call.end();
    await ended(harness, 0);
    expect(harness.notified).toEqual(['Answered after 31 s: Slow one']);
    await exchange(harness, 'Quick one', 'Yes.');
    expect(harness.notified).toHaveLength(1);
  });
});

describe('an answer that other requests hold up', () => {
  it('tells how many go before it', async () => {
    const harness = start();
    await harness.session.send('Why?');
    const call = await harness.call(0);
    call.onProgress({ kind: 'waiting', ahead: 2 });
    expect(harness.answer(0).status).toEqual({ kind: 'waiting', ahead: 2 });
    call.onProgress({ kind: 'waiting', ahead: 1 });
    expect(harness.answer(0).status).toEqual({ kind: 'waiting', ahead: 1 });
  });

  it('is shown as paused in its middle, but not for as short as a ghost text', async () => {
    const harness = start();
    await harness.session.send('Why?');
    const call = await harness.call(0);
    const status = () => harness.answer(0).status;
    call.prefill(20, 50);
    call.onProgress({ kind: 'waiting', ahead: 1 });
    harness.clock.advance(699);
    expect(status()).toMatchObject({ kind: 'reading', done: 20 });
    call.text('Because');
    call.onProgress({ kind: 'waiting', ahead: 2 });
    harness.clock.advance(350);
    call.onProgress({ kind: 'waiting', ahead: 1 });
    harness.clock.advance(349);
    expect(status()).toEqual({ kind: 'streaming', tokensPerSecond: 10 });
    harness.clock.advance(1);
    expect(status()).toEqual({ kind: 'paused' });
    call.text(' of it.');
    expect(status()).toEqual({ kind: 'streaming', tokensPerSecond: 10 });
    call.onProgress({ kind: 'waiting', ahead: 1 });
    call.end();
    await ended(harness, 0);
    harness.clock.advance(10_000);
    expect(harness.answer(0)).toMatchObject({ text: 'Because of it.', status: { kind: 'done' } });
  });
});

describe('a conversation that is deleted', () => {
  it('is forgotten by the engine too', async () => {
    const harness = start();
    await exchange(harness, 'one', '1');
    const { id } = harness.session.current;
    await harness.session.deleteConversation(id);
    expect(harness.engine.forgotten).toEqual([id]);
  });

  it('is gone though the engine cannot forget it', async () => {
    const harness = start();
    await exchange(harness, 'one', '1');
    vi.spyOn(harness.engine, 'forget').mockRejectedValueOnce(crashed());
    await harness.session.deleteConversation(harness.session.current.id);
    expect(harness.session.conversations()).toEqual([]);
  });
});

describe('stop', () => {
  it('is acknowledged at once while the prompt is read, and keeps the turn', async () => {
    const harness = start();
    await harness.session.send('Long prompt');
    const call = await harness.call(0);
    call.prefill(512, 4000);
    expect(harness.session.stop()).toBe(true);
    expect(harness.answer(0).status).toEqual({ kind: 'stopping' });
    expect(call.signal.aborted).toBe(true);
    call.prefill(1024, 4000);
    expect(harness.answer(0).status).toEqual({ kind: 'stopping' });
    call.end({ stopReason: 'cancelled', firstTokenMs: null });
    await ended(harness, 0);
    expect(harness.answer(0).status).toEqual({ kind: 'done', stopReason: 'cancelled' });
    expect(harness.users()).toEqual(['Long prompt']);
  });

  it('keeps what came while the answer was written', async () => {
    const harness = start();
    await harness.session.send('Tell');
    const call = await harness.call(0);
    call.text('Once upon');
    harness.session.stop();
    call.end({ text: 'Once upon', stopReason: 'cancelled' });
    await ended(harness, 0);
    expect(harness.answer(0)).toMatchObject({ text: 'Once upon', status: { stopReason: 'cancelled' } });
  });

  it('ends a load', async () => {
    const ensureLoaded = (signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new CancelledError()));
      });
    const harness = start({ readiness: { configuredPath: () => '/models/a.gguf', ensureLoaded } });
    await harness.session.send('Hi');
    harness.session.stop();
    await ended(harness, 0);
    expect(harness.answer(0).status).toEqual({ kind: 'done', stopReason: 'cancelled' });
  });

  it('says so where nothing runs', () => {
    expect(start().session.stop()).toBe(false);
  });
});

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

describe('a crash', () => {
  it('keeps the partial answer, names the cause, and the next prompt works', async () => {
    const harness = start();
    await harness.session.send('Write');
    const call = await harness.call(0);
    call.text('function a');
    call.fail(crashed());
    await ended(harness, 0);
    expect(harness.answer(0)).toMatchObject({
      text: 'function a',
      status: { kind: 'failed', message: 'crashed: killed by SIGKILL', action: 'retry' },
    });
    await exchange(harness, 'And now?', 'Better.');
    expect(harness.answer(1)).toMatchObject({ text: 'Better.', status: { kind: 'done' } });
    expect(harness.engine.calls[1]?.request.messages.map(({ content }) => content)).toEqual([
      ...['SYSTEM', 'Write', 'function a', 'And now?'],
    ]);
  });

  it('between the look at the model and the question loads again', async () => {
    const engine = new FakeEngine();
    const harness = start({ engine });
    await exchange(harness, 'Hi', 'Hello.');
    const losses = [crashed(), new EngineError({ reason: 'noModel', detail: 'no model is loaded' })];
    for (const loss of losses) {
      const measure = vi.spyOn(engine, 'measure').mockRejectedValueOnce(loss);
      const load = vi.spyOn(engine, 'load');
      await exchange(harness, 'Again', 'Hello again.');
      expect(load).toHaveBeenCalledTimes(2);
      measure.mockRestore();
      load.mockRestore();
    }
    expect(harness.users()).toEqual(['Hi', 'Again', 'Again']);
  });

  it('of a retry that came to nothing gives back the partial answer', async () => {
    const harness = start();
    await harness.session.send('Write');
    const call = await harness.call(0);
    call.text('function a');
    call.fail(crashed());
    await ended(harness, 0);
    await harness.session.retry(harness.answer(0).id);
    expect(harness.answer(0)).toMatchObject({ text: '', status: { kind: 'waiting' } });
    (await harness.call(1)).fail(crashed());
    await vi.waitFor(() => expect(harness.answer(0).text).toBe('function a'));
    expect(harness.session.snapshot().notices[0]?.text).toContain('crashed: killed by SIGKILL');
    await harness.session.retry(harness.answer(0).id);
    (await harness.call(2)).end({ text: 'function add() {}' });
    await ended(harness, 0);
    expect(harness.answer(0)).toMatchObject({ text: 'function add() {}', status: { kind: 'done' } });
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

describe('a failure before the engine is asked', () => {
  it('keeps the message and offers to choose a model where none is set', async () => {
    const ensureLoaded = () => Promise.reject(new UserError('No model is chosen.'));
    const harness = start({ readiness: { configuredPath: () => undefined, ensureLoaded } });
    await harness.session.send('Hello');
    await ended(harness, 0);
    expect(harness.users()).toEqual(['Hello']);
    expect(harness.answer(0).status).toEqual({
      ...{ kind: 'failed', message: 'No model is chosen.', action: 'chooseModel' },
    });
  });
});

describe('the context', () => {
  const size = 1000;
  it('drops whole turns in one step once it is full, and stays there', async () => {
    const harness = start({ engine: new FakeEngine(size) });
    for (let turn = 0; turn < 8; turn++) await exchange(harness, `${turn}`.repeat(50), 'x'.repeat(50));
    expect(harness.session.current.memory).toBeUndefined();
    // Prefix 6, eight turns of 100, and this: 906 with 100 kept for the answer is too much.
    await exchange(harness, 'y'.repeat(100), 'z');
    const contents = harness.engine.calls[8]?.request.messages.map(({ content }) => content) ?? [];
    expect(contents.join('').length).toBe(506);
    expect(contents[1]).toBe('4'.repeat(50));
    const begins = harness.session.snapshot().conversation.messages[8];
    expect(begins).toMatchObject({ role: 'user', memoryBegins: { droppedTurns: 4, rereadTokens: 500 } });
    await exchange(harness, 'w'.repeat(50), 'z');
    expect(harness.engine.calls[9]?.request.messages[1]?.content).toBe('4'.repeat(50));
  });

  it('refuses a message that cannot fit, with its size, and never asks the engine', async () => {
    const harness = start({ engine: new FakeEngine(size) });
    await exchange(harness, 'small', 'yes');
    await harness.session.send('b'.repeat(1200));
    await ended(harness, 1);
    expect(harness.engine.calls).toHaveLength(1);
    const { status } = harness.answer(1);
    expect(status).toMatchObject({ kind: 'failed', action: 'openSettings' });
    expect(status.kind === 'failed' ? status.message : '').toMatch(/needs 1,206 tokens, and 900 are free/);
    await exchange(harness, 'small again', 'yes');
    expect(harness.engine.calls[1]?.request.messages.map(({ content }) => content)).toEqual([
      ...['SYSTEM', 'small', 'yes', 'small again'],
    ]);
  });

  it('is whole again once a larger one is loaded', async () => {
    const harness = start({ engine: new FakeEngine(size) });
    for (let turn = 0; turn < 10; turn++) await exchange(harness, `${turn}`.repeat(50), 'x'.repeat(50));
    expect(harness.session.current.memory).toBeDefined();
    harness.engine.change({ model: { ...harness.engine.model, contextSize: 4000 } });
    await exchange(harness, 'more', 'yes');
    expect(harness.engine.calls[10]?.request.messages[1]?.content).toBe('0'.repeat(50));
    expect(harness.session.current.memory).toBeUndefined();
  });

  it('is shown with the share of AGENTS.md', async () => {
    const agents = { text: 'Use tabs.', truncated: false };
    const harness = start({ readAgents: () => Promise.resolve(agents) });
    harness.settings['chat.systemPrompt'] = 'Be kind.';
    await exchange(harness, 'Hi', 'Hello');
    const [system] = harness.engine.calls[0]?.request.messages ?? [];
    expect(system?.content).toMatch(/^SYSTEM\n\nBe kind\.\n\n.*AGENTS\.md.*\nUse tabs\.$/s);
    const total = (system?.content.length ?? 0) + 'Hi'.length + 'Hello'.length;
    await vi.waitFor(() =>
      expect(harness.session.snapshot().context).toMatchObject({ usedTokens: total, totalTokens: 10_000 }),
    );
    expect(harness.session.snapshot().context?.agentsTokens).toBeGreaterThan('Use tabs.'.length);
    harness.settings['chat.useAgentsFile'] = false;
    await exchange(harness, 'Bye', 'Bye');
    expect(harness.engine.calls[1]?.request.messages[0]?.content).toBe('SYSTEM\n\nBe kind.');
  });
});

describe('ask', () => {
  const attachment = {
    ...{ id: 'a1', label: 'a.ts:2', path: 'src/a.ts', uri: 'file:///a.ts', languageId: 'typescript' },
    ...{ text: 'let a;', lines: { start: 2, end: 2 } },
  };

  it.each<[StopReason, string]>([
    ['end', 'answered'],
    ['cancelled', 'cancelled'],
  ])('settles with %s as %s', async (stopReason, kind) => {
    const harness = start();
    const result = harness.session.ask({ text: 'Explain', attachments: [attachment] });
    const call = await harness.call(0);
    expect(call.request.messages[1]?.content).toBe(
      'src/a.ts, line 2:\n```typescript\nlet a;\n```\n\nExplain',
    );
    call.text('It is a.');
    call.end({ stopReason });
    expect(await result).toEqual({ kind, text: 'It is a.' });
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
    const other = startSession();
    const running = other.session.ask({ text: 'one', attachments: [] });
    await other.call(0);
    const waiting = other.session.ask({ text: 'two', attachments: [] });
    await vi.waitFor(() => expect(other.session.snapshot().queue).toHaveLength(1));
    other.session.dispose();
    expect(await running).toEqual({ kind: 'cancelled', text: '' });
    expect(await waiting).toEqual({ kind: 'cancelled', text: '' });
  });
});
