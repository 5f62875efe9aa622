import { existsSync } from 'node:fs';
import { ResponseError, type CancellationToken, type MessageConnection } from 'vscode-jsonrpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineClient } from '../../../src/engineClient/engineClient';
import { startEngine, type StartEngineOptions } from '../../../src/engineClient/startEngine';
import { CancelledError, EngineError } from '../../../src/errors';
import {
  chatProgress,
  chatRequest,
  countTokensRequest,
  endRequest,
  engineFailureCode,
  farewellNotification,
  initializeRequest,
  loadProgress,
  loadRequest,
  measureRequest,
  modelNotification,
  protocolVersion,
  stateNotification,
  unloadRequest,
  type EngineFailure,
  type EngineState,
  type ServedModel,
} from '../../../src/protocol/engine';
import { FakeSpawner, type FakeProcess } from './fakeProcess';
import { KeepingLogger } from './keepingLogger';
import { info, modelFor, optionsFor, requestFor, resultOf } from './samples';

let logger: KeepingLogger;
let client: EngineClient | undefined;
beforeEach(() => {
  logger = new KeepingLogger();
});
afterEach(() => {
  client?.dispose();
  client = undefined;
});

/** An engine that checks the token and answers as `more` says. */
function engine(more?: (connection: MessageConnection, process: FakeProcess) => void): FakeSpawner {
  return new FakeSpawner(
    (process) => process.listen(),
    (connection, process) => {
      connection.onRequest(initializeRequest, ({ token, protocolVersion: version }) => {
        if (token !== process.options.env['LAYERCAKE_TOKEN']) throw refusal('unauthorized', 'wrong token');
        if (version !== protocolVersion) throw refusal('protocolMismatch', `${version}`);
        return info;
      });
      more?.(connection, process);
    },
  );
}

function refusal(reason: EngineFailure['reason'], detail: string): ResponseError<EngineFailure> {
  return new ResponseError(engineFailureCode, detail, { reason, detail });
}

async function start(spawner: FakeSpawner, more: Partial<StartEngineOptions> = {}): Promise<EngineClient> {
  client = await startEngine({
    runtimePath: '/usr/bin/node',
    enginePath: '/app/engine.mjs',
    backend: 'cpu',
    logger,
    spawn: spawner.spawn,
    ...more,
  });
  return client;
}

async function failureOf(promise: Promise<unknown>): Promise<EngineFailure> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!EngineError.is(error)) throw new Error(`Not an EngineError: ${String(error)}`);
  return error.failure;
}

function cancelled(token: CancellationToken): Promise<void> {
  return new Promise((resolve) => token.onCancellationRequested(() => resolve()));
}

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

describe('requests', () => {
  it('pass progress on, in order and before the result', async () => {
    const spawner = engine((connection) => {
      connection.onRequest(loadRequest, async ({ progressToken, ...options }) => {
        for (const fraction of [0.25, 0.5, 1]) {
          await connection.sendProgress(loadProgress, progressToken, { fraction });
        }
        return modelFor(options);
      });
      connection.onRequest(chatRequest, async ({ progressToken, messages }) => {
        for (const text of ['Hello', ' ', messages[0]?.content ?? '']) {
          await connection.sendProgress(chatProgress, progressToken, {
            kind: 'text',
            text,
            tokens: 1,
            tokensPerSecond: 10,
          });
        }
        return resultOf('Hello Ada');
      });
    });
    const started = await start(spawner);
    const fractions: number[] = [];
    const model = await started.load(optionsFor('/m.gguf'), (fraction) => fractions.push(fraction));
    expect([model.path, fractions]).toEqual(['/m.gguf', [0.25, 0.5, 1]]);
    let text = '';
    const result = await started.chat(requestFor('Ada'), (progress) => {
      if (progress.kind === 'text') text += progress.text;
    });
    expect([text, result.text]).toEqual(['Hello Ada', 'Hello Ada']);
  });

  it('keep the progress of answers at the same time apart', async () => {
    const spawner = engine((connection) =>
      connection.onRequest(chatRequest, async ({ progressToken, messages }) => {
        const text = messages[0]?.content ?? '';
        await connection.sendProgress(chatProgress, progressToken, {
          kind: 'text',
          text,
          tokens: 1,
          tokensPerSecond: 1,
        });
        return resultOf(text);
      }),
    );
    const started = await start(spawner);
    const seen: string[][] = [[], []];
    await Promise.all(
      ['one', 'two'].map((word, index) =>
        started.chat(requestFor(word), (progress) => {
          if (progress.kind === 'text') seen[index]?.push(progress.text);
        }),
      ),
    );
    expect(seen).toEqual([['one'], ['two']]);
  });

  it('give tokens and states', async () => {
    const spawner = engine((connection) => {
      connection.onRequest(measureRequest, ({ messages }) => ({
        total: messages.length,
        perMessage: messages.map(() => 1),
        contextSize: 512,
      }));
      connection.onRequest(countTokensRequest, async ({ texts }) => {
        await connection.sendNotification(stateNotification, { kind: 'ready' });
        return { counts: texts.map((text) => text.length) };
      });
    });
    const started = await start(spawner);
    const states: EngineState[] = [];
    started.onState((state) => states.push(state));
    expect((await started.measure(requestFor('x').messages)).total).toBe(1);
    expect(await started.countTokens(['a', 'bcd'])).toEqual([1, 3]);
    expect(states).toEqual([{ kind: 'ready' }]);
  });

  it('find out what other windows do', async () => {
    const served = { options: optionsFor('/m.gguf'), model: modelFor(optionsFor('/m.gguf')) };
    let tell: (served: ServedModel | null) => Promise<void> = () => Promise.resolve();
    const started = await start(
      new FakeSpawner(
        (process) => process.listen(),
        (connection) => {
          tell = (model) => connection.sendNotification(modelNotification, model);
          connection.onRequest(initializeRequest, async () => {
            await tell(served);
            return info;
          });
        },
      ),
    );
    // Known with the answer to the first request, not some time after it.
    expect(started.served).toEqual(served);
    const freed = new Promise((resolve) => started.onServed(resolve));
    await tell(null);
    expect([await freed, started.served]).toEqual([undefined, undefined]);
  });

  it('carry the engine’s own failures, and anything else as internal', async () => {
    const spawner = engine((connection) => {
      connection.onRequest(loadRequest, () => {
        throw refusal('modelTruncated', '10 of 20 bytes');
      });
      connection.onRequest(measureRequest, () => {
        throw new Error('oops');
      });
    });
    const started = await start(spawner);
    expect(await failureOf(started.load(optionsFor('/m.gguf')))).toEqual({
      reason: 'modelTruncated',
      detail: '10 of 20 bytes',
    });
    const unforeseen = await failureOf(started.measure([]));
    expect(unforeseen.reason).toBe('internal');
    expect(unforeseen.detail).toContain('oops');
  });
});

describe('a cancel', () => {
  it('of an answer is a result, with what the engine says came', async () => {
    const spawner = engine((connection) =>
      connection.onRequest(chatRequest, async ({ progressToken }, token) => {
        await connection.sendProgress(chatProgress, progressToken, {
          kind: 'text',
          text: 'Hel',
          tokens: 1,
          tokensPerSecond: 1,
        });
        await cancelled(token);
        return resultOf('Hel', 'cancelled');
      }),
    );
    const started = await start(spawner);
    const abort = new AbortController();
    const result = await started.chat(requestFor('x'), () => abort.abort(), abort.signal);
    expect(result).toEqual(resultOf('Hel', 'cancelled'));
  });

  it('before an answer begins never reaches the engine', async () => {
    const started = await start(engine());
    const result = await started.chat(requestFor('x'), () => undefined, AbortSignal.abort());
    expect([result.stopReason, result.text]).toEqual(['cancelled', '']);
  });

  it('of a load that the engine gives up', async () => {
    const spawner = engine((connection) =>
      connection.onRequest(loadRequest, async (_params, token) => {
        await cancelled(token);
        throw new ResponseError(-32800, 'cancelled');
      }),
    );
    const started = await start(spawner);
    const abort = new AbortController();
    const loading = started.load(optionsFor('/m.gguf'), undefined, abort.signal);
    setTimeout(() => abort.abort(), 30);
    await expect(loading).rejects.toBeInstanceOf(CancelledError);
  });

  it('of a load that comes too late frees the model', async () => {
    let unloaded = 0;
    const spawner = engine((connection) => {
      connection.onRequest(loadRequest, async (options, token) => {
        await cancelled(token);
        return modelFor(options);
      });
      connection.onRequest(unloadRequest, () => {
        unloaded++;
        return null;
      });
    });
    const started = await start(spawner);
    const abort = new AbortController();
    const loading = started.load(optionsFor('/m.gguf'), undefined, abort.signal);
    setTimeout(() => abort.abort(), 30);
    await expect(loading).rejects.toBeInstanceOf(CancelledError);
    expect(unloaded).toBe(1);
  });
});

describe('the end', () => {
  const answerThatNeverEnds = (onBegun: (process: FakeProcess) => void, onEnd = () => 0) =>
    engine((connection, process) => {
      connection.onRequest(endRequest, () => {
        onEnd();
        return null;
      });
      connection.onRequest(chatRequest, async ({ progressToken }) => {
        await connection.sendProgress(chatProgress, progressToken, {
          kind: 'text',
          text: 'Hel',
          tokens: 1,
          tokensPerSecond: 1,
        });
        onBegun(process);
        return await new Promise<never>(() => undefined);
      });
    });

  it('of the process fails every request with its cause', async () => {
    const spawner = answerThatNeverEnds((process) => {
      process.print('CUDA error: out of memory');
      process.exit({ code: null, signal: 'SIGABRT' });
    });
    const started = await start(spawner);
    const crashed = { reason: 'crashed', detail: 'SIGABRT: CUDA error: out of memory' };
    let text = '';
    const failures = await Promise.all([
      failureOf(
        started.chat(requestFor('x'), (progress) => (text += progress.kind === 'text' ? progress.text : '')),
      ),
      failureOf(started.measure([])),
    ]);
    expect(failures).toEqual([crashed, crashed]);
    expect(text).toBe('Hel');
    expect((await started.ended)?.failure).toEqual(crashed);
    expect(await failureOf(started.countTokens(['x']))).toEqual(crashed);
    expect(logger.lines.join('\n')).toContain('CUDA error: out of memory');
  });

  it('of the connection alone is a crash too, and the process is killed', async () => {
    const spawner = answerThatNeverEnds((process) => {
      process.stubborn = true;
      process.connections[0]?.destroy();
    });
    const started = await start(spawner);
    expect(await failureOf(started.chat(requestFor('x'), () => undefined))).toEqual({
      reason: 'crashed',
      detail: 'connection lost',
    });
    expect(spawner.last?.kills).toEqual(['SIGKILL']);
  });

  it('by shutdown asks the process to end and keeps what came', async () => {
    let asked = 0;
    const spawner = answerThatNeverEnds(
      () => undefined,
      () => asked++,
    );
    const started = await start(spawner);
    const result = await started.chat(requestFor('x'), () => void started.shutdown());
    expect([result.stopReason, result.text]).toEqual(['cancelled', 'Hel']);
    expect(await started.ended).toBeUndefined();
    await started.shutdown();
    expect([asked, spawner.last?.kills]).toEqual([1, []]);
    expect(existsSync(spawner.last?.socketPath ?? '')).toBe(false);
  });

  it('by shutdown kills a process that does not go', async () => {
    const spawner = engine((_connection, process) => {
      process.stubborn = true;
    });
    const started = await start(spawner);
    await started.shutdown(50);
    expect(spawner.last?.kills).toEqual(['SIGKILL']);
  });

  it('by shutdown leaves a process alone that says that it still works, and kills it once it is silent', async () => {
    let said = 0;
    const spawner = engine((_connection, process) => {
      process.stubborn = true;
    });
    const started = await start(spawner);
    const process = spawner.last;
    const saying = setInterval(() => {
      process?.print('[info] Ends: 100 MB of conversations were written so far.');
      if (++said === 8) clearInterval(saying);
    }, 60);
    await started.shutdown(300);
    expect([said, process?.kills]).toEqual([8, ['SIGKILL']]);
  });

  it('by leaving is none of the process, and requests end as cancelled', async () => {
    const spawner = answerThatNeverEnds((process) => {
      process.stubborn = true;
    });
    const started = await start(spawner);
    const result = await started.chat(requestFor('x'), () => started.leave());
    expect([result.stopReason, result.text]).toEqual(['cancelled', 'Hel']);
    expect(await started.ended).toBeUndefined();
    expect(spawner.last?.kills).toEqual([]);
  });

  it('that the engine announces is no crash', async () => {
    const spawner = engine((connection, process) =>
      connection.onRequest(chatRequest, async () => {
        await connection.sendNotification(farewellNotification, { reason: 'unloaded', loadMs: 7 });
        process.exit({ code: 0, signal: null });
        return await new Promise<never>(() => undefined);
      }),
    );
    const started = await start(spawner);
    const result = await started.chat(requestFor('x'), () => undefined);
    expect(result.stopReason).toBe('cancelled');
    expect(await started.ended).toBeUndefined();
    expect(started.farewell).toEqual({ reason: 'unloaded', loadMs: 7 });
  });

  it('by dispose kills at once', async () => {
    const spawner = engine();
    const started = await start(spawner);
    started.dispose();
    expect(spawner.last?.kills).toEqual(['SIGKILL']);
    await expect(started.countTokens(['x'])).rejects.toBeInstanceOf(CancelledError);
  });
});
