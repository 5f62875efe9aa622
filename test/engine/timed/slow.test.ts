import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors';
import type { ChatProgress } from '../../../src/protocol/engine';
import { longAnswer, shortAnswer } from '../../support/defaultScripts';
import { TestEngine, temporaryFolder, testLoadOptions } from '../../support/engineHarness';
import { writeScriptedModel } from '../../support/scriptedModel';

/** The cost of a real 1B model, an answer that is known, a few MB on disk. */
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let engine: TestEngine;
let modelPath: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  modelPath = join(folder.path, '1b.gguf');
  await writeScriptedModel(modelPath, { shape: '1B, 32k words', quant: 'Q4_0' });
  engine = await TestEngine.start();
});

afterAll(async () => {
  await engine.client.shutdown();
  await folder.remove();
});

describe('a model with the cost of 1B', () => {
  it('can be stopped while it loads; then nothing is loaded', async () => {
    const stop = new AbortController();
    const loading = engine.client.load(
      { ...testLoadOptions, modelPath },
      (fraction) => {
        if (fraction > 0) stop.abort();
      },
      stop.signal,
    );
    await expect(loading).rejects.toBeInstanceOf(CancelledError);
    await expect(engine.ask('Hello')).rejects.toMatchObject({ failure: { reason: 'noModel' } });
  });

  it('stops in the prompt after the running chunk, keeps what is evaluated, and goes on from there', async () => {
    await engine.load(modelPath);
    const filler = 'one two three four five six seven eight nine ten '.repeat(10);
    const prompt = `${filler} briefly`;
    const stop = new AbortController();
    let stoppedAt = 0;
    let last: Extract<ChatProgress, { kind: 'prefill' }> | undefined;
    const { result, streamed } = await engine.ask(
      prompt,
      {},
      {
        signal: stop.signal,
        onProgress: (progress) => {
          if (progress.kind !== 'prefill') return;
          last = progress;
          if (progress.done - progress.reused >= 64 && !stop.signal.aborted) {
            stoppedAt = performance.now();
            stop.abort();
          }
        },
      },
    );
    const waited = performance.now() - stoppedAt;
    expect(result).toMatchObject({ stopReason: 'cancelled', text: '', outputTokens: 0, firstTokenMs: null });
    expect(streamed).toBe('');
    const done = last?.done ?? 0;
    expect(done).toBeGreaterThanOrEqual(64);
    expect(done).toBeLessThan(result.promptTokens - 100);
    // A chunk takes about half a second; the machine may be busy.
    expect(waited).toBeLessThan(5_000);

    // Another request works at once, and the beginning is in the cache still.
    const again = await engine.ask(prompt);
    expect(again.streamed).toBe(shortAnswer);
    expect(again.result.reusedTokens).toBe(done);
    console.log(
      `Stopped in the prompt after ${waited.toFixed(0)} ms. Prefill ${rate(again.result.promptTokens - done, again.result.prefillMs)}.`,
    );
  });

  it('decodes the script to the letter, and stops within a token', async () => {
    const stop = new AbortController();
    let stoppedAt = 0;
    let tokens = 0;
    const { result, streamed } = await engine.ask(
      'Please count',
      {},
      {
        signal: stop.signal,
        onProgress: (progress) => {
          if (progress.kind !== 'text' || stop.signal.aborted) return;
          tokens += progress.tokens;
          if (tokens < 12) return;
          stoppedAt = performance.now();
          stop.abort();
        },
      },
    );
    const waited = performance.now() - stoppedAt;
    expect(result.stopReason).toBe('cancelled');
    expect(longAnswer.startsWith(streamed)).toBe(true);
    expect(result.outputTokens).toBeGreaterThanOrEqual(12);
    // A token is decoded while the stop is on its way, and what one frame gathered came at once.
    expect(result.outputTokens).toBeLessThan(24);
    console.log(
      `Stopped in the answer after ${waited.toFixed(0)} ms. Decode ${result.tokensPerSecond?.toFixed(1) ?? 'unknown'} tok/s.`,
    );
  });
});

function rate(tokens: number, ms: number): string {
  return `${(tokens / (ms / 1000)).toFixed(0)} tok/s`;
}
