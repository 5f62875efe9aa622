import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompleteRequest, CompleteResult } from '../../../src/protocol/engine';
import { temporaryFolder, TestEngine } from '../../support/engineHarness';
import { countTo } from '../../support/scriptedEditor';
import { writeScriptedModel } from '../../support/scriptedModel';

/** How long an abort may take from a window to the engine, ms. */
const onTheWayMs = 50;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let engine: TestEngine;

beforeAll(async () => {
  folder = await temporaryFolder();
  const modelPath = join(folder.path, '1b.gguf');
  const shape = '1B, 32k words';
  await writeScriptedModel(modelPath, { shape, quant: 'Q4_0', fim: true, scripts: [{ text: countTo(900) }] });
  engine = await TestEngine.start();
  await engine.load(modelPath, { contextSize: 2048 });
});

afterAll(async () => {
  await engine.client.shutdown();
  await folder.remove();
});

/** Aborts a ghost text after a time. Resolves to what came, and how long the engine took to end it, ms. */
async function aborted(prefix: string, afterMs: number): Promise<{ result: CompleteResult; tookMs: number }> {
  const request: CompleteRequest = {
    prefix,
    suffix: '',
    path: 'a.ts',
    files: [],
    maxTokens: 1000,
    maxLines: 9,
  };
  const stop = new AbortController();
  let abortedAt = 0;
  setTimeout(() => {
    abortedAt = performance.now();
    stop.abort();
  }, afterMs);
  const result = await engine.client.complete(request, stop.signal);
  return { result, tookMs: performance.now() - abortedAt };
}

describe('an abort of a ghost text', () => {
  it('ends the writing at the next token', async () => {
    const { result, tookMs } = await aborted('a', 1500);
    expect(result.stopReason).toBe('cancelled');
    expect(result.outputTokens).toBeGreaterThan(3);
    const tokenMs = result.decodeMs / result.outputTokens;
    console.log(`  after ${tookMs.toFixed(0)} ms, with ${tokenMs.toFixed(0)} ms a token`);
    expect(tookMs).toBeLessThan(onTheWayMs + 2 * tokenMs);
  });

  it('ends the reading at the next chunk, and keeps what was read', async () => {
    const prefix = 'x'.repeat(1500);
    const { result, tookMs } = await aborted(prefix, 1000);
    expect(result).toMatchObject({ stopReason: 'cancelled', outputTokens: 0 });
    expect(result.readTokens).toBeGreaterThan(31);
    expect(result.readTokens).toBeLessThan(1400);
    const chunkMs = Math.max(150, (result.prefillMs / result.readTokens) * 32);
    console.log(`  after ${tookMs.toFixed(0)} ms, with ${chunkMs.toFixed(0)} ms a chunk at most`);
    expect(tookMs).toBeLessThan(onTheWayMs + 2 * chunkMs);
    const next = await aborted(prefix, 50);
    expect(next.result.reusedTokens).toBeGreaterThanOrEqual(result.readTokens);
  });
});
