import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { Planner } from '../../src/planner/planner';
import type { PlanConfig } from '../../src/protocol/engine';
import { TestEngine, temporaryFolder } from '../support/engineHarness';
import { plannedFile, quickDevice } from '../support/plannedModels';
import { writeScriptedModel } from '../support/scriptedModel';
import { startWithSoftwareVulkan } from '../support/softwareVulkan';
import { usualConfig } from '../support/planConfig';

/** Tokens whose keys are 128 MiB in a layer: 32 heads of 128 values, 16 bits each. */
const full = 16_384;
const typical = { promptTokens: 3000, answerTokens: 400 };
const base: PlanConfig = { ...usualConfig, gpuLayers: 3, contextSize: full, batchSize: 128 };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let model: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  const shape = { blocks: 2, width: 4096, feedForward: 512, heads: 32, kvHeads: 32, contextLength: 131_072 };
  ({ path: model } = await writeScriptedModel(join(folder.path, 'wide.gguf'), { shape, quant: 'Q8_0' }));
});
afterAll(() => folder.remove());

async function withDevice(ctx: TestContext, run: (engine: TestEngine) => Promise<void>): Promise<void> {
  const engine = await startWithSoftwareVulkan(ctx);
  try {
    await run(engine);
  } finally {
    await engine.client.shutdown();
  }
}

describe('a device that takes 128 MiB at most in one tensor', () => {
  it('is told as such, and a cache of a layer beyond it is refused: llama.cpp would abort', (ctx) =>
    withDevice(ctx, async (engine) => {
      const use = (change: Partial<PlanConfig> = {}) =>
        engine.client.simulate({ modelPath: model, configs: [{ ...base, ...change }] });
      const refused = {
        failure: {
          reason: 'doesNotFit',
          detail: 'the context of one layer needs 130 MiB in one piece, and the GPU takes 128 MiB at most',
        },
      };
      expect(engine.client.info.devices).toMatchObject([{ largestTensorBytes: 2 ** 27 }]);
      expect(await use()).toHaveLength(1);
      const larger = { contextSize: full + 256 };
      await expect(use(larger)).rejects.toMatchObject(refused);
      await expect(use({ ...larger, gpuLayers: 2 })).rejects.toMatchObject(refused);
      await expect(use({ contextSize: full / 2 + 128, sequences: 2 })).rejects.toMatchObject({
        failure: { reason: 'doesNotFit' },
      });
      // The output alone has no cache.
      expect(await use({ ...larger, gpuLayers: 1 })).toHaveLength(1);
      for (const gpuLayers of [3, null]) {
        await expect(
          engine.load(model, { ...larger, gpuLayers, batchSize: 128, flashAttention: 'on' }),
        ).rejects.toMatchObject(refused);
      }
    }));

  it('gets plans for any context, and refuses pins with the reason', (ctx) =>
    withDevice(ctx, async (engine) => {
      const planner = new Planner((params, signal) => engine.client.simulate(params, signal));
      const file = await plannedFile(model);
      const machine = quickDevice(engine.client.info);
      const planFor = (pins: Partial<PlanConfig>) => planner.plan(file, machine, { pins, typical });
      const free = await planFor({ contextSize: 2 * full - 2048 });
      expect(free).toMatchObject({ oracle: 'simulated', config: { gpuLayers: 3, kvCacheType: 'q8_0' } });
      const f16 = await planFor({ contextSize: 2 * full, kvCacheType: 'f16' });
      expect(f16.verdict).not.toBe('doesNotFit');
      expect(f16.config.gpuLayers).toBeLessThanOrEqual(1);
      const pinned = await planFor({ contextSize: 2 * full, kvCacheType: 'f16', gpuLayers: 3 });
      expect(pinned).toMatchObject({
        verdict: 'doesNotFit',
        reason: { kind: 'cacheTensorTooLarge', tensorBytes: 2 ** 28, limitBytes: 2 ** 27 },
      });
    }));
});

it('the CPU takes tensors of any size', async () => {
  const engine = await TestEngine.start();
  try {
    expect(engine.client.info.devices).toEqual([]);
    const configs = [{ ...base, gpuLayers: 0, contextSize: 2 * full }];
    expect(await engine.client.simulate({ modelPath: model, configs })).toHaveLength(1);
  } finally {
    await engine.client.shutdown();
  }
});
