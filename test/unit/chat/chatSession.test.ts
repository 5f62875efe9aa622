import { describe, expect, it, vi } from 'vitest';
import { crashed, ended, exchange, start } from './chatSessionFixture';

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
