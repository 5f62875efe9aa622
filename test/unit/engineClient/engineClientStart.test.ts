import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors';
import { initializeRequest } from '../../../src/protocol/engine';
import { engine, failureOf, refusal, start } from './engineClientFixture';
import { FakeSpawner } from './fakeProcess';
import { info } from './samples';

describe('starting', () => {
  it('starts the engine on a private socket with a token and the backend, and gets its description', async () => {
    const spawner = engine();
    const started = await start(spawner, { backend: 'vulkan', electron: true });
    expect(started.info).toEqual(info);
    expect(spawner.last?.options).toMatchObject({
      runtimePath: '/usr/bin/node',
      enginePath: '/app/engine.mjs',
      args: ['--socket', expect.any(String), '--backend', 'vulkan'],
    });
    const env = spawner.last?.options.env ?? {};
    expect(env['LAYERCAKE_TOKEN']).toMatch(/^[0-9a-f]{64}$/);
    expect(env['ELECTRON_RUN_AS_NODE']).toBe('1');
  });

  it('waits until the engine listens', async () => {
    const late = new FakeSpawner(
      (process) => void setTimeout(() => process.listen(), 150),
      (connection) => connection.onRequest(initializeRequest, () => info),
    );
    expect((await start(late)).info.pid).toBe(info.pid);
  });

  it.each(['unauthorized', 'protocolMismatch'] as const)('says %s and leaves no process', async (reason) => {
    const spawner = new FakeSpawner(
      (process) => process.listen(),
      (connection) =>
        connection.onRequest(initializeRequest, () => {
          throw refusal(reason, 'no');
        }),
    );
    expect(await failureOf(start(spawner))).toEqual({ reason, detail: 'no' });
    expect(spawner.last?.kills).toEqual(['SIGKILL']);
  });

  it('takes a connection that is closed during the introduction for a refusal', async () => {
    const spawner = new FakeSpawner(
      (process) => {
        process.stubborn = true;
        process.listen();
      },
      (connection, process) =>
        connection.onRequest(initializeRequest, () => {
          process.connections[0]?.destroy();
          return info;
        }),
    );
    expect((await failureOf(start(spawner))).reason).toBe('unauthorized');
  });

  it('names what the process said when it ended before it listened', async () => {
    const spawner = new FakeSpawner((process) => {
      process.print("Error: Cannot find module 'engine.mjs'");
      process.exit({ code: 1, signal: null });
    });
    expect(await failureOf(start(spawner))).toEqual({
      reason: 'crashed',
      detail: "exit code 1: Error: Cannot find module 'engine.mjs'",
    });
  });

  it('says that the runtime cannot be run', async () => {
    const spawner = new FakeSpawner((process) => process.failToStart('spawn /usr/bin/node EACCES'));
    expect(await failureOf(start(spawner))).toEqual({
      reason: 'noRuntime',
      detail: 'spawn /usr/bin/node EACCES',
    });
  });

  it('says so too where starting throws', async () => {
    const throwing = () => {
      throw new Error('spawn UNKNOWN');
    };
    expect(await failureOf(start(engine(), { spawn: throwing }))).toEqual({
      reason: 'noRuntime',
      detail: 'spawn UNKNOWN',
    });
  });

  it('gives up after a time and kills the process', async () => {
    const spawner = new FakeSpawner((process) => process.print('error: driver hangs'));
    expect(await failureOf(start(spawner, { startTimeoutMs: 100 }))).toEqual({
      reason: 'startTimeout',
      detail: '0.1 s: error: driver hangs',
    });
    expect(spawner.last?.kills).toEqual(['SIGKILL']);
  });

  it('can be cancelled', async () => {
    const spawner = new FakeSpawner(() => undefined);
    const abort = new AbortController();
    const starting = start(spawner, { signal: abort.signal });
    setTimeout(() => abort.abort(), 30);
    await expect(starting).rejects.toBeInstanceOf(CancelledError);
    expect(spawner.last?.kills).toEqual(['SIGKILL']);
  });
});
