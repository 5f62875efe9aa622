import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnection, openSocket } from '../../src/engineClient/connection';
import { engineEnvironment } from '../../src/engineClient/environment';
import {
  chatProgress,
  chatRequest,
  initializeRequest,
  loadRequest,
  memoryRequest,
  protocolVersion,
} from '../../src/protocol/engine';
import { shortAnswer } from '../support/defaultScripts';
import {
  collectingLogger,
  enginePath,
  TestEngine,
  testLoadOptions,
  temporaryFolder,
} from '../support/engineHarness';
import { writeScriptedModel } from '../support/scriptedModel';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let modelPath: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  modelPath = join(folder.path, 'scripted.gguf');
  await writeScriptedModel(modelPath);
});

afterAll(() => folder.remove());

const token = 'a token of this test';

/** An engine process without a client of ours; ended after the test. */
async function withProcess(
  run: (engine: { process: ChildProcess; socketPath: string; stderr: () => string }) => Promise<void>,
  args: string[] = ['--backend', 'cpu'],
  environment: Record<string, string> = {},
): Promise<void> {
  const socketPath = join(folder.path, `${process.hrtime.bigint()}.sock`);
  const env = engineEnvironment(process.env, { token, electron: false, platform: process.platform });
  const child = spawn(process.execPath, [enginePath, '--socket', socketPath, ...args], {
    env: { ...env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  try {
    await run({ process: child, socketPath, stderr: () => stderr });
  } finally {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}

async function connect(socketPath: string) {
  const socket = await openSocket(socketPath, AbortSignal.timeout(30_000));
  const connection = createConnection(socket, collectingLogger([]));
  const closed = new Promise<'closed'>((resolve) => {
    connection.onClose(() => resolve('closed'));
  });
  connection.listen();
  return { connection, closed };
}

describe('start', () => {
  it.each([
    ['a token', [], { LAYERCAKE_TOKEN: '' }, /LAYERCAKE_TOKEN is not set/],
    ['a known backend', ['--backend', 'abacus'], {}, /--backend is abacus/],
    ['known arguments', ['--verbose'], {}, /Unknown option/],
  ])('is refused in one line without %s', async (_, args, environment: Record<string, string>, expected) => {
    await withProcess(
      async ({ process: child, stderr }) => {
        const [code] = (await once(child, 'close')) as [number];
        expect(code).toBe(1);
        expect(stderr()).toMatch(expected);
        expect(stderr().trim().split('\n')).toHaveLength(1);
      },
      args,
      environment,
    );
  });
});

describe('connections', () => {
  it('are ended for a wrong token, and the engine waits on for its client', async () => {
    await withProcess(async ({ process: child, socketPath }) => {
      const stranger = await connect(socketPath);
      const answer = stranger.connection.sendRequest(initializeRequest, { token: 'wrong', protocolVersion });
      expect(await Promise.race([answer, stranger.closed])).toBe('closed');

      const client = await connect(socketPath);
      const info = await client.connection.sendRequest(initializeRequest, { token, protocolVersion });
      expect(info).toMatchObject({ pid: child.pid, backend: 'cpu', devices: [] });
      expect(info.llamaCppRelease).not.toBe('');
      expect(info.libraryVersion).toMatch(/^\d+\.\d+\.\d+$/);
    });
  });

  it('are ended for any request before the token', async () => {
    await withProcess(async ({ socketPath }) => {
      const stranger = await connect(socketPath);
      const answer = stranger.connection.sendRequest(memoryRequest);
      expect(await Promise.race([answer, stranger.closed])).toBe('closed');
    });
  });

  it('are told where the versions of the protocol differ', async () => {
    await withProcess(async ({ socketPath }) => {
      const old = await connect(socketPath);
      await expect(
        old.connection.sendRequest(initializeRequest, { token, protocolVersion: 0 }),
      ).rejects.toMatchObject({ data: { reason: 'protocolMismatch' } });
      await old.closed;
    });
  });

  it('may be several; the engine ends with the last one', async () => {
    await withProcess(async ({ process: child, socketPath }) => {
      const exited = once(child, 'exit');
      const first = await connect(socketPath);
      await first.connection.sendRequest(initializeRequest, { token, protocolVersion });
      const second = await connect(socketPath);
      await second.connection.sendRequest(initializeRequest, { token, protocolVersion });
      first.connection.dispose();
      await delay(300);
      expect(child.exitCode).toBeNull();
      const memory = await second.connection.sendRequest(memoryRequest);
      expect(memory.rssBytes).toBeGreaterThan(20_000_000);
      second.connection.dispose();
      expect(await exited).toEqual([0, null]);
    });
  });

  it('that go in mid-answer leave the engine to the others', async () => {
    await withProcess(async ({ socketPath, stderr }) => {
      const first = await connect(socketPath);
      await first.connection.sendRequest(initializeRequest, { token, protocolVersion });
      const load = { ...testLoadOptions, modelPath, progressToken: 'load' };
      await first.connection.sendRequest(loadRequest, load);
      const second = await connect(socketPath);
      await second.connection.sendRequest(initializeRequest, { token, protocolVersion });
      const request = (content: string) => ({
        kind: 'chat' as const,
        messages: [{ role: 'user' as const, content }],
        sampling: {},
        thinking: { mode: 'on' as const },
        progressToken: 'chat',
      });
      const begun = new Promise<void>((resolve) => {
        second.connection.onProgress(chatProgress, 'chat', ({ kind }) => {
          if (kind === 'text') resolve();
        });
      });
      second.connection.sendRequest(chatRequest, request('Please count')).catch(() => undefined);
      await begun;
      second.connection.dispose();
      const result = await first.connection.sendRequest(chatRequest, request('Say it briefly'));
      expect(result).toMatchObject({ text: shortAnswer, stopReason: 'end' });
      // What ran for nobody was stopped, not finished.
      expect(stderr()).toMatch(/output \d+ \(.*\), cancelled/);
    });
  });

  it('of SIGTERM end with the process', async () => {
    await withProcess(async ({ process: child, socketPath }) => {
      const exited = once(child, 'exit');
      const client = await connect(socketPath);
      await client.connection.sendRequest(initializeRequest, { token, protocolVersion });
      child.kill('SIGTERM');
      await client.closed;
      expect(await exited).toEqual([0, null]);
    });
  });
});

describe('a client', () => {
  it('without a model is told so', async () => {
    const engine = await TestEngine.start();
    try {
      const noModel = { failure: { reason: 'noModel' } };
      await expect(engine.ask('Hello')).rejects.toMatchObject(noModel);
      await expect(engine.client.measure([{ role: 'user', content: 'x' }])).rejects.toMatchObject(noModel);
      await expect(engine.client.countTokens(['x'])).rejects.toMatchObject(noModel);
    } finally {
      await engine.client.shutdown();
    }
  });

  it('sees the process end in mid-answer, by name, with what came', async () => {
    const engine = await TestEngine.start();
    await engine.load(modelPath);
    const asked = engine.ask(
      'Please count',
      {},
      {
        onProgress: ({ kind }) => {
          if (kind === 'text') process.kill(engine.client.info.pid, 'SIGKILL');
        },
      },
    );
    await expect(asked).rejects.toMatchObject({ failure: { reason: 'crashed' } });
    expect((await engine.client.ended)?.failure.detail).toContain('SIGKILL');
  });
});
