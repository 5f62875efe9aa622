import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineSupervisor } from '../../../src/engineClient/supervisor';
import { FakeClient } from './fakeClient';
import { info, modelFor, requestFor, resultOf } from './samples';
import { never, optionsA, optionsB, runtime, SupervisorFixture } from './supervisorFixture';

let fixture: SupervisorFixture;
let supervisor: EngineSupervisor;

beforeEach(() => {
  fixture = new SupervisorFixture();
  supervisor = fixture.supervisor;
});

/** The engine of other windows, with a model. */
function othersEngine(): FakeClient {
  const client = new FakeClient();
  client.state = { kind: 'ready' };
  client.serve(optionsA);
  fixture.others = client;
  return client;
}

describe('the engine of other windows', () => {
  it('is shown with its model, though nobody asked for it', async () => {
    othersEngine();
    await supervisor.follow();
    expect(supervisor.snapshot).toEqual({
      state: { kind: 'ready' },
      ...{ info, runtime, model: modelFor(optionsA), served: optionsA },
    });
    expect(fixture.starts).toEqual([]);
  });

  it('is shown from when it is started', async () => {
    await supervisor.follow();
    expect(supervisor.snapshot.info).toBeUndefined();
    othersEngine();
    fixture.othersStarted();
    await turn();
    expect(supervisor.snapshot.model?.path).toBe('/a.gguf');
  });

  it('is used instead of a new one, and what it has loaded is not loaded again', async () => {
    const client = othersEngine();
    await supervisor.follow();
    expect(await supervisor.load(optionsA)).toEqual(modelFor(optionsA));
    expect([client.loads.length, fixture.starts.length]).toEqual([0, 0]);
    const loading = supervisor.load(optionsB);
    await turn();
    client.finishLoad();
    expect((await loading).path).toBe('/b.gguf');
  });

  it('is joined by a load, without a runtime to be found', async () => {
    const client = othersEngine();
    fixture.findRuntime = () => Promise.reject(new Error('not asked'));
    const loading = supervisor.load(optionsB);
    await turn();
    client.finishLoad();
    await loading;
    expect([client.loads.length, fixture.starts.length]).toEqual([1, 0]);
  });

  it('is left, not ended, with this window', async () => {
    const client = othersEngine();
    await supervisor.follow();
    supervisor.dispose();
    expect([client.leaves, client.shutdowns]).toEqual([1, 0]);
  });

  it('is not joined where the window is gone by then', async () => {
    const client = othersEngine();
    const following = supervisor.follow();
    supervisor.dispose();
    await following;
    expect(supervisor.snapshot.info).toBeUndefined();
    expect(client.loads).toEqual([]);
  });
});

describe('what other windows do', () => {
  let client: FakeClient;
  beforeEach(async () => {
    client = othersEngine();
    await supervisor.follow();
  });

  it('is shown: a load, its model, and that it was freed', () => {
    client.tell({ kind: 'loading', modelPath: '/b.gguf', progress: 0.5 });
    expect(supervisor.snapshot).toMatchObject({
      state: { kind: 'loading', progress: 0.5 },
      model: undefined,
    });
    client.serve(optionsB);
    client.tell({ kind: 'ready' });
    expect(supervisor.snapshot).toMatchObject({
      state: { kind: 'ready' },
      model: { path: '/b.gguf' },
      served: optionsB,
    });
    client.serve(undefined);
    expect(supervisor.snapshot).toMatchObject({ state: { kind: 'stopped' }, model: undefined });
  });

  it('is shown: a load that came to nothing', () => {
    client.serve(undefined);
    client.tell({ kind: 'loading', modelPath: '/b.gguf', progress: 0.5 });
    client.tell({ kind: 'stopped' });
    expect(supervisor.snapshot.state).toEqual({ kind: 'stopped' });
  });

  it('is shown: an answer', () => {
    client.tell({ kind: 'generating', rate: 10, tokens: 3 });
    expect(supervisor.snapshot.state.kind).toBe('generating');
    client.tell({ kind: 'ready' });
    expect(supervisor.snapshot.state.kind).toBe('ready');
  });

  it('a prompt waits for the load of another window', async () => {
    client.tell({ kind: 'loading', modelPath: '/b.gguf', progress: 0 });
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    expect([client.loads.length, client.chats.length]).toEqual([0, 0]);
    client.serve(optionsB);
    await turn();
    client.chats[0]?.resolve(resultOf('Hello'));
    expect((await answer).text).toBe('Hello');
    expect(client.loads).toEqual([]);
  });

  it('an unload is no crash, and the next prompt loads the same again', async () => {
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    client.sayFarewell();
    expect((await answer).stopReason).toBe('cancelled');
    await turn();
    expect(supervisor.snapshot).toMatchObject({
      state: { kind: 'stopped' },
      info: undefined,
      model: undefined,
    });

    fixture.others = undefined;
    void supervisor.chat(requestFor('y'), () => undefined, never);
    await turn();
    expect(fixture.lastClient().loads[0]?.options).toEqual(optionsA);
  });
});
