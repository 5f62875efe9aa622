import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors';
import type { EngineSupervisor } from '../../../src/engineClient/supervisor';
import { stateFilePrefix } from '../../../src/protocol/stateFiles';
import { requestFor, resultOf } from './samples';
import { failureOf, never, optionsA, SupervisorFixture } from './supervisorFixture';

let fixture: SupervisorFixture;
let supervisor: EngineSupervisor;

beforeEach(() => {
  fixture = new SupervisorFixture();
  supervisor = fixture.supervisor;
});

const idle = { reason: 'idle', idleMinutes: 30, loadMs: 12_000 } as const;

describe('an engine that ended for want of a question', () => {
  it('is shown as such, with what loading takes, until the next prompt starts it again', async () => {
    (await fixture.loaded()).sayFarewell(idle);
    await turn();
    expect(supervisor.snapshot).toMatchObject({
      state: { kind: 'stopped' },
      model: undefined,
      idleEnd: { minutes: 30, loadMs: 12_000 },
    });
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    expect(supervisor.snapshot.idleEnd).toBeUndefined();
    expect(fixture.lastClient().loads[0]?.options).toEqual(optionsA);
    fixture.lastClient().finishLoad();
    await turn();
    fixture.lastClient().chats[0]?.resolve(resultOf('Hello'));
    expect((await answer).text).toBe('Hello');
  });

  it('is not shown as unloaded where nothing was loaded', async () => {
    await supervisor.simulate({ modelPath: '/a.gguf', configs: [] });
    fixture.lastClient().sayFarewell({ ...idle, loadMs: null });
    await turn();
    expect(supervisor.snapshot).toMatchObject({ state: { kind: 'stopped' }, info: undefined });
    expect(supervisor.snapshot.idleEnd).toBeUndefined();
  });

  it('is forgotten once a person unloads', async () => {
    (await fixture.loaded()).sayFarewell(idle);
    await turn();
    await supervisor.unload();
    expect(supervisor.snapshot.idleEnd).toBeUndefined();
  });

  it('loses no prompt that was sent in that very moment', async () => {
    const client = await fixture.loaded();
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    client.sayFarewell(idle);
    await turn();
    await turn();
    const next = fixture.lastClient();
    expect(next).not.toBe(client);
    next.finishLoad();
    await turn();
    next.chats[0]?.resolve(resultOf('Hello'));
    expect((await answer).text).toBe('Hello');
  });

  it('does not answer again what was stopped', async () => {
    const client = await fixture.loaded();
    const stop = new AbortController();
    const answer = supervisor.chat(requestFor('x'), () => undefined, stop.signal);
    await turn();
    stop.abort();
    client.sayFarewell(idle);
    expect((await answer).stopReason).toBe('cancelled');
    expect(fixture.clients).toEqual([client]);
  });

  it('tells a question about tokens that no model is loaded, not that it was cancelled', async () => {
    const client = await fixture.loaded();
    client.measure = () => {
      client.sayFarewell(idle);
      return Promise.reject(new CancelledError());
    };
    expect((await failureOf(supervisor.measure([]))).reason).toBe('noModel');
  });
});

describe('an engine that owes an answer and is not heard', () => {
  it('is shown as unresponsive, left alone, and shown as well once it is heard again', async () => {
    const client = await fixture.loaded();
    client.beSilent(true);
    expect(supervisor.snapshot).toMatchObject({ unresponsive: true, model: { path: '/a.gguf' } });
    expect([client.isOver, client.shutdowns]).toEqual([false, 0]);
    client.beSilent(false);
    expect(supervisor.snapshot.unresponsive).toBeUndefined();
  });

  it('is not shown so once it has ended', async () => {
    const client = await fixture.loaded();
    client.beSilent(true);
    client.crash('SIGKILL');
    await turn();
    expect(supervisor.snapshot).toMatchObject({ state: { kind: 'failed' }, unresponsive: undefined });
  });
});

describe('a conversation that is deleted', () => {
  const [mine, other] = [stateFilePrefix('mine'), stateFilePrefix('other')];

  it('leaves no saved state of any model, also where no engine runs', async () => {
    const folder = fixture.snapshotFolder;
    for (const model of ['one', 'two']) await mkdir(join(folder, model), { recursive: true });
    await writeFile(join(folder, 'not-a-folder'), '');
    const names = [`${mine}1.state`, `${mine}1.json`, `${mine}2.part`, `${other}3.state`, 'shared.state'];
    for (const name of names) await writeFile(join(folder, 'one', name), 'x');
    await writeFile(join(folder, 'two', `${mine}4.state`), 'x');
    await supervisor.forget('mine');
    expect((await readdir(join(folder, 'one'))).sort()).toEqual([`${other}3.state`, 'shared.state'].sort());
    expect(await readdir(join(folder, 'two'))).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it('is forgotten by the engine, where one runs; a folder that was never made is no failure', async () => {
    const client = await fixture.loaded();
    await supervisor.forget('mine');
    expect(client.forgotten).toEqual(['mine']);
  });
});
