import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineSupervisor } from '../../../src/engineClient/supervisor';
import { EngineError } from '../../../src/errors';
import { FakeClient } from './fakeClient';
import { requestFor, resultOf } from './samples';
import { failureOf, never, optionsA, SupervisorFixture } from './supervisorFixture';

let fixture: SupervisorFixture;
let supervisor: EngineSupervisor;

beforeEach(() => {
  fixture = new SupervisorFixture();
  supervisor = fixture.supervisor;
});

describe('a crash', () => {
  it('during a load fails it and names the cause', async () => {
    const loading = supervisor.load(optionsA);
    await turn();
    fixture.lastClient().crash('SIGABRT: out of memory');
    expect(await failureOf(loading)).toEqual({ reason: 'crashed', detail: 'SIGABRT: out of memory' });
    expect(supervisor.snapshot).toMatchObject({
      state: { kind: 'failed', error: { reason: 'crashed', detail: 'SIGABRT: out of memory' } },
      info: undefined,
    });
  });

  it('during an answer fails it; the next prompt starts and loads again', async () => {
    const first = await fixture.loaded();
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    first.tell({ kind: 'generating', rate: 10, tokens: 3 });
    first.crash('SIGKILL');
    expect(await failureOf(answer)).toEqual({ reason: 'crashed', detail: 'SIGKILL' });
    expect(supervisor.snapshot).toMatchObject({ state: { kind: 'failed' }, model: undefined });

    const next = supervisor.chat(requestFor('y'), () => undefined, never);
    await turn();
    const second = fixture.lastClient();
    expect(second).not.toBe(first);
    expect(second.loads[0]?.options).toEqual(optionsA);
    second.finishLoad();
    await turn();
    second.chats[0]?.resolve(resultOf('there'));
    expect((await next).text).toBe('there');
    expect(supervisor.snapshot.state.kind).toBe('ready');
  });

  it('leads to at most four restarts in three minutes', async () => {
    const crashOnce = async () => {
      const failure = failureOf(supervisor.load(optionsA));
      await turn();
      if (!fixture.lastClient().isOver) fixture.lastClient().crash('SIGSEGV');
      return await failure;
    };
    for (let crash = 1; crash <= 5; crash++) {
      expect(await crashOnce()).toEqual({ reason: 'crashed', detail: 'SIGSEGV' });
      fixture.clock.advance(1_000);
    }
    expect(await crashOnce()).toEqual({ reason: 'crashed', detail: 'SIGSEGV', restarts: 4 });
    expect(fixture.clients.length).toBe(5);
    expect(supervisor.snapshot.state.kind).toBe('failed');

    fixture.clock.advance(3 * 60_000);
    expect(await crashOnce()).not.toHaveProperty('restarts');
    expect(fixture.clients.length).toBe(6);
  });

  it.each([
    ['after an unload', () => supervisor.unload(), optionsA],
    ['with other options', () => Promise.resolve(), { ...optionsA, gpuLayers: 5 }],
  ])('too often does not hinder a load %s', async (_when, prepare, options) => {
    fixture.startWith = () => Promise.reject(new EngineError({ reason: 'crashed', detail: 'exit code 1' }));
    for (let crash = 1; crash <= 6; crash++) await failureOf(supervisor.load(optionsA));
    expect(fixture.starts.length).toBe(5);
    fixture.startWith = () => {
      fixture.clients.push(new FakeClient());
      return Promise.resolve(fixture.lastClient());
    };
    await prepare();
    await fixture.loaded(options);
  });

  it('of an idle engine is told at once', async () => {
    const client = await fixture.loaded();
    client.crash('SIGKILL');
    await turn();
    expect(supervisor.snapshot.state).toMatchObject({ kind: 'failed', error: { detail: 'SIGKILL' } });
  });
});
