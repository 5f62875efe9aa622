import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineSupervisor } from '../../../src/engineClient/supervisor';
import { CancelledError } from '../../../src/errors';
import { requestFor, resultOf } from './samples';
import { failureOf, never, optionsA, SupervisorFixture } from './supervisorFixture';

let fixture: SupervisorFixture;
let supervisor: EngineSupervisor;

beforeEach(() => {
  fixture = new SupervisorFixture();
  supervisor = fixture.supervisor;
});

describe('answers', () => {
  it('need something to load', async () => {
    const prompt = supervisor.chat(requestFor('x'), () => undefined, never);
    expect((await failureOf(prompt)).reason).toBe('noModel');
    expect((await failureOf(supervisor.measure([]))).reason).toBe('noModel');
    expect((await failureOf(supervisor.countTokens([]))).reason).toBe('noModel');
  });

  it('wait for a load under way', async () => {
    const loading = supervisor.load(optionsA);
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    expect(fixture.lastClient().chats.length).toBe(0);
    fixture.lastClient().finishLoad();
    await loading;
    await turn();
    fixture.lastClient().chats[0]?.resolve(resultOf('Hello'));
    expect((await answer).text).toBe('Hello');
    expect(fixture.lastClient().loads.length).toBe(1);
  });

  it('show the states that the engine tells, and ready at the end', async () => {
    const client = await fixture.loaded();
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    client.tell({ kind: 'prefilling', done: 1, total: 2, tokensPerSecond: 3 });
    client.tell({ kind: 'generating', rate: 10, tokens: 3 });
    expect(supervisor.snapshot.state).toEqual({ kind: 'generating', rate: 10, tokens: 3 });
    client.chats[0]?.resolve(resultOf('Hello'));
    await answer;
    expect(fixture.states.slice(-3)).toEqual(['prefilling', 'generating', 'ready']);
  });

  it('are cancelled in the engine, and before the model is there', async () => {
    const client = await fixture.loaded();
    const abort = new AbortController();
    const answer = supervisor.chat(requestFor('x'), () => undefined, abort.signal);
    await turn();
    abort.abort();
    expect(client.chats[0]?.signal?.aborted).toBe(true);
    client.chats[0]?.resolve(resultOf('Hel', 'cancelled'));
    expect((await answer).text).toBe('Hel');

    await supervisor.unload();
    const waiting = new AbortController();
    const early = supervisor.chat(requestFor('x'), () => undefined, waiting.signal);
    await turn();
    waiting.abort();
    fixture.lastClient().loads[0]?.reject(new CancelledError());
    expect((await early).stopReason).toBe('cancelled');
  });
});

describe('unloading', () => {
  it('ends the process and keeps the options for the next prompt', async () => {
    const client = await fixture.loaded();
    await supervisor.unload();
    expect([client.shutdowns, supervisor.snapshot.state.kind]).toEqual([1, 'stopped']);
    expect(supervisor.snapshot).toMatchObject({ info: undefined, model: undefined });
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    expect(fixture.lastClient().loads[0]?.options).toEqual(optionsA);
    fixture.lastClient().finishLoad();
    await turn();
    fixture.lastClient().chats[0]?.resolve(resultOf('Hello'));
    await answer;
  });

  it('ends an answer under way as cancelled', async () => {
    await fixture.loaded();
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    await supervisor.unload();
    expect((await answer).stopReason).toBe('cancelled');
  });

  it('waits for the old process before a new one is started', async () => {
    const client = await fixture.loaded();
    let gone: () => void = () => undefined;
    client.shutdown = () => new Promise((resolve) => (gone = resolve));
    const unloading = supervisor.unload();
    await turn();
    const loading = supervisor.load(optionsA);
    await turn();
    expect(fixture.clients.length).toBe(1);
    gone();
    await unloading;
    await turn();
    expect(fixture.clients.length).toBe(2);
    fixture.lastClient().finishLoad();
    await loading;
  });

  it('by dispose kills, and nothing starts any more', async () => {
    const client = await fixture.loaded();
    supervisor.dispose();
    expect(client.isOver).toBe(true);
    await expect(supervisor.load(optionsA)).rejects.toBeInstanceOf(CancelledError);
    expect(fixture.starts.length).toBe(1);
  });
});
