import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchQuestion } from '../../src/doctor/watch';
import { realSystem } from '../../src/hardware/system';
import type { EngineSnapshot } from '../../src/engineClient/engine';
import { TestEngine, temporaryFolder, testLoadOptions } from '../support/engineHarness';
import { writeScriptedModel } from '../support/scriptedModel';

let engine: TestEngine;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  const modelPath = join(folder.path, 'tiny.gguf');
  await writeScriptedModel(modelPath, { scripts: [{ text: '1, 2, 3, 4, 5, 6, 7, 8, 9, 10.' }] });
  engine = await TestEngine.start();
  await engine.client.load({ ...testLoadOptions, modelPath });
});
afterAll(async () => {
  await engine.client.shutdown();
  await folder.remove();
});

const watch = (signal: AbortSignal) => {
  const snapshot: EngineSnapshot = {
    state: { kind: 'ready' },
    info: engine.client.info,
    model: undefined,
    runtime: undefined,
  };
  return watchQuestion(
    {
      engine: { snapshot, chat: (...request) => engine.client.chat(...request) },
      system: realSystem,
      vram: () => Promise.resolve([]),
      now: () => performance.now(),
    },
    () => undefined,
    signal,
  );
};

it('measures a real answer, and counts what this system counts', async () => {
  const { answer, counted, vramPeakBytes } = await watch(new AbortController().signal);
  expect(answer.outputTokens).toBeGreaterThan(5);
  expect(answer.promptTokens).toBeGreaterThan(10);
  expect(answer.decode).toBeGreaterThan(0);
  expect(answer.prefill).toBeGreaterThan(0);
  expect(answer.firstTokenSeconds).toBeLessThan(answer.seconds);
  expect(vramPeakBytes).toBeUndefined();
  if (process.platform === 'linux') expect(counted.majorFaults).toBeGreaterThanOrEqual(0);
});

it('ends with its signal', async () => {
  const abort = new AbortController();
  const watched = watch(abort.signal);
  abort.abort();
  await expect(watched).rejects.toThrow();
});
