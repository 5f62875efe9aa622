import { describe, expect, it, vi } from 'vitest';
import { CancelledError, EngineError, UserError } from '../../../src/errors';
import { crashed, ended, exchange, start } from './chatSessionFixture';
import { FakeEngine } from './fakes';

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
