import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineSupervisor } from '../../../src/engineClient/supervisor';
import { CancelledError, EngineError } from '../../../src/errors';
import { info, modelFor, requestFor, resultOf } from './samples';
import { failureOf, never, optionsA, optionsB, runtime, SupervisorFixture } from './supervisorFixture';

let fixture: SupervisorFixture;
let supervisor: EngineSupervisor;

beforeEach(() => {
  fixture = new SupervisorFixture();
  supervisor = fixture.supervisor;
});

describe('loading', () => {
  it('starts the process, tells each state and keeps what was loaded', async () => {
    const fractions: number[] = [];
    fixture.backend = 'vulkan';
    const loading = supervisor.load(optionsA, (fraction) => fractions.push(fraction));
    await turn();
    expect(fixture.starts).toMatchObject([{ runtime, enginePath: '/app/engine.mjs', backend: 'vulkan' }]);
    fixture.lastClient().loads[0]?.progress(0.5);
    expect(supervisor.snapshot.state).toEqual({ kind: 'loading', modelPath: '/a.gguf', progress: 0.5 });
    fixture.lastClient().finishLoad();
    expect(await loading).toEqual(modelFor(optionsA));
    expect(supervisor.snapshot).toEqual({
      state: { kind: 'ready' },
      info,
      model: modelFor(optionsA),
      served: optionsA,
      runtime,
    });
    expect(fractions).toEqual([0, 0.5]);
    expect(fixture.states).toEqual(['starting', 'loading', 'ready']);
  });

  it('is done once for callers that want the same', async () => {
    const both = Promise.all([supervisor.load(optionsA), supervisor.load({ ...optionsA })]);
    await turn();
    expect([fixture.starts.length, fixture.lastClient().loads.length]).toEqual([1, 1]);
    fixture.lastClient().finishLoad();
    const [one, two] = await both;
    expect(one).toBe(two);
  });

  it('uses the process that runs, but a new one where the backend has changed', async () => {
    const first = await fixture.loaded();
    await fixture.loaded(optionsB);
    expect(fixture.clients).toEqual([first]);
    fixture.backend = 'cpu';
    await fixture.loaded();
    expect([fixture.clients.length, first.shutdowns, fixture.starts[1]?.backend]).toEqual([2, 1, 'cpu']);
  });

  it('of something else takes the place of one that runs', async () => {
    const first = supervisor.load(optionsA);
    const firstEnds = expect(first).rejects.toBeInstanceOf(CancelledError);
    await turn();
    const second = supervisor.load(optionsB);
    const [load] = fixture.lastClient().loads;
    expect(load?.signal?.aborted).toBe(true);
    await turn();
    expect(fixture.lastClient().loads.length).toBe(1);
    load?.reject(new CancelledError());
    await firstEnds;
    await turn();
    fixture.lastClient().finishLoad();
    expect((await second).path).toBe('/b.gguf');
    expect(supervisor.snapshot.model?.path).toBe('/b.gguf');
  });

  it('that fails tells why and leaves the process for the next', async () => {
    const loading = supervisor.load(optionsA);
    await turn();
    fixture.lastClient().loads[0]?.reject(new EngineError({ reason: 'modelMissing', detail: 'ENOENT' }));
    expect((await failureOf(loading)).reason).toBe('modelMissing');
    expect(supervisor.snapshot.state).toEqual({
      kind: 'failed',
      error: { reason: 'modelMissing', detail: 'ENOENT' },
    });
    await fixture.loaded(optionsB);
    expect([supervisor.snapshot.state.kind, fixture.clients.length]).toEqual(['ready', 1]);
  });

  it('passes on that no runtime was found', async () => {
    fixture.findRuntime = () => Promise.reject(new EngineError({ reason: 'noRuntime', detail: 'none' }));
    expect((await failureOf(supervisor.load(optionsA))).reason).toBe('noRuntime');
    expect(supervisor.snapshot.state.kind).toBe('failed');
    fixture.findRuntime = () => Promise.resolve(runtime);
    await fixture.loaded();
  });

  it('stops answers that run', async () => {
    const client = await fixture.loaded();
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    const loading = supervisor.load(optionsB);
    await turn();
    expect(client.chats[0]?.signal?.aborted).toBe(true);
    expect(client.loads.length).toBe(1);
    client.chats[0]?.resolve(resultOf('Hel', 'cancelled'));
    expect((await answer).text).toBe('Hel');
    await turn();
    client.finishLoad();
    await loading;
  });
});

describe('a cancelled load', () => {
  it('leaves nothing loaded, now and for the next prompt', async () => {
    const abort = new AbortController();
    const loading = supervisor.load(optionsA, undefined, abort.signal);
    const ends = expect(loading).rejects.toBeInstanceOf(CancelledError);
    await turn();
    abort.abort();
    expect(fixture.lastClient().loads[0]?.signal?.aborted).toBe(true);
    fixture.lastClient().loads[0]?.reject(new CancelledError());
    await ends;
    expect(supervisor.snapshot).toMatchObject({ state: { kind: 'stopped' }, model: undefined });
    const prompt = supervisor.chat(requestFor('x'), () => undefined, never);
    expect((await failureOf(prompt)).reason).toBe('noModel');
  });

  it('goes on while another caller waits for it', async () => {
    const abort = new AbortController();
    const impatient = supervisor.load(optionsA, undefined, abort.signal);
    const patient = supervisor.load(optionsA);
    await turn();
    abort.abort();
    await expect(impatient).rejects.toBeInstanceOf(CancelledError);
    expect(fixture.lastClient().loads[0]?.signal?.aborted).toBe(false);
    fixture.lastClient().finishLoad();
    expect((await patient).path).toBe('/a.gguf');
  });

  it('ends where all its callers give up at once', async () => {
    const abort = new AbortController();
    const both = [1, 2].map(() => supervisor.load(optionsA, undefined, abort.signal));
    const end = Promise.allSettled(both);
    await turn();
    abort.abort();
    expect(fixture.lastClient().loads[0]?.signal?.aborted).toBe(true);
    fixture.lastClient().loads[0]?.reject(new CancelledError());
    for (const outcome of await end) expect(outcome.status).toBe('rejected');
  });

  it('is over at once while the process still starts', async () => {
    fixture.findRuntime = () => new Promise(() => undefined);
    const abort = new AbortController();
    const loading = supervisor.load(optionsA, undefined, abort.signal);
    await turn();
    abort.abort();
    await expect(loading).rejects.toBeInstanceOf(CancelledError);
    expect(supervisor.snapshot.state.kind).toBe('stopped');
  });

  it('ends an engine that does not give it up', async () => {
    const abort = new AbortController();
    const loading = supervisor.load(optionsA, undefined, abort.signal);
    const ends = expect(loading).rejects.toBeInstanceOf(CancelledError);
    await turn();
    abort.abort();
    fixture.clock.advance(4_900);
    expect(fixture.lastClient().isOver).toBe(false);
    fixture.clock.advance(200);
    // Not at once by force: it may be saving what it held before.
    expect([fixture.lastClient().isOver, fixture.lastClient().shutdowns]).toEqual([true, 1]);
    await ends;
    await turn();
    expect(supervisor.snapshot).toMatchObject({ state: { kind: 'stopped' }, info: undefined });
  });
});
