import { ResponseError } from 'vscode-jsonrpc';
import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors';
import {
  chatProgress,
  chatRequest,
  countTokensRequest,
  initializeRequest,
  loadProgress,
  loadRequest,
  measureRequest,
  modelNotification,
  stateNotification,
  unloadRequest,
  type EngineState,
  type ServedModel,
} from '../../../src/protocol/engine';
import { cancelled, engine, failureOf, refusal, start } from './engineClientFixture';
import { FakeSpawner } from './fakeProcess';
import { info, modelFor, optionsFor, requestFor, resultOf } from './samples';

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
