import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGgufHeader } from '../../src/gguf/readHeader';
import { analyticOracle } from '../../src/plan/analyticOracle';
import { totalBytes, type MemoryUse } from '../../src/plan/memory';
import type { ModelShape } from '../../src/plan/shape';
import { shapeOf } from '../../src/plan/shapeOf';
import { SimulatedOracle } from '../../src/plan/simulatedOracle';
import type { PlanConfig, SimulatedUse } from '../../src/protocol/engine';
import { writeDescribedModel } from '../support/describedModel';
import { TestEngine, temporaryFolder } from '../support/engineHarness';
import { shapes, writeScriptedModel } from '../support/scriptedModel';
import { sharedSoftwareVulkan } from '../support/softwareVulkan';
import { usualConfig as base } from '../support/planConfig';

const KiB = 1024;
const MiB = 1024 * KiB;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string) => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  for (const shape of ['1B', '8B', '70B'] as const) {
    await writeScriptedModel(at(shape), { shape, quant: 'Q4_K_M' });
  }
  // Software Vulkan refuses tensors over 128 MiB, the logits of a batch too; no card does. With fewer words and one
  // type for all weights the same shapes have none.
  await writeScriptedModel(at('1B, 32k words'), { shape: '1B, 32k words', quant: 'Q4_K_M' });
  await writeScriptedModel(at('8B, 32k words'), {
    shape: { ...shapes['8B'], vocabulary: 32_000 },
    quant: 'Q4_K_M',
  });
  await writeScriptedModel(at('70B, 16k words'), {
    shape: { ...shapes['70B'], vocabulary: 16_000 },
    quant: 'Q4_0',
  });
  for (const architecture of ['gemma3', 'qwen3moe', 'deepseek2', 'mamba'] as const) {
    await writeDescribedModel(at(architecture), architecture);
  }
});
afterAll(() => folder.remove());

/** What the formulas say over what llama.cpp says, bytes. */
interface Difference {
  config: PlanConfig;
  weights: { vram: number; ram: number };
  vram: number;
  ram: number;
  /** llama.cpp's own, all of it. */
  simulated: { vram: number; ram: number };
}

async function compare(engine: TestEngine, name: string, configs: PlanConfig[]): Promise<Difference[]> {
  const hasGpu = engine.client.info.backend !== 'cpu';
  const oracle = analyticOracle(await shapeFor(name), { hasGpu });
  const uses = await engine.client.simulate({ modelPath: at(name), configs });
  return configs.map((config, index) => difference(config, oracle.use(config), uses[index]));
}

function difference(config: PlanConfig, told: MemoryUse, use: SimulatedUse | undefined): Difference {
  if (use === undefined) throw new Error('too few configurations were simulated');
  const { weights, context } = use;
  const simulated = {
    vram: weights.vramBytes + context.vramBytes,
    ram: weights.ramBytes + context.ramBytes,
  };
  return {
    config,
    weights: {
      vram: told.vram.weights + told.vram.experts - weights.vramBytes,
      ram: told.ram.weights + told.ram.experts - weights.ramBytes,
    },
    vram: totalBytes(told.vram) - simulated.vram,
    ram: totalBytes(told.ram) - simulated.ram,
    simulated,
  };
}

async function shapeFor(name: string): Promise<ModelShape> {
  return shapeOf(await readGgufHeader(at(name)));
}

function expectWithin(bytes: number, least: number, most: number, of: Difference): void {
  const told = JSON.stringify(of.config);
  expect(bytes, told).toBeGreaterThanOrEqual(least);
  expect(bytes, told).toBeLessThanOrEqual(most);
}

describe('the formulas, on the CPU', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await TestEngine.start();
  });
  afterAll(() => engine.client.shutdown());

  it.each(['1B', '8B', '70B'])('give what llama.cpp simulates for a %s', async (name) => {
    const differences = await compare(engine, name, [
      base,
      { ...base, contextSize: 2048 },
      { ...base, batchSize: 128 },
      { ...base, batchSize: 2048 },
      { ...base, flashAttention: false },
      { ...base, contextSize: 32_768, batchSize: 1024, flashAttention: false },
      { ...base, sequences: 2 },
    ]);
    for (const each of differences) {
      expect(each.weights).toEqual({ vram: 0, ram: 0 });
      expectWithin(each.ram, -0.1 * MiB, 0.1 * MiB, each);
    }
  });

  it.each(['1B', '8B', '70B'])('are never too small for a quantised cache of a %s', async (name) => {
    const differences = await compare(engine, name, [
      { ...base, kvCacheType: 'q8_0' },
      { ...base, kvCacheType: 'q4_0', contextSize: 32_768 },
    ]);
    for (const each of differences) expectWithin(each.ram, -0.1 * MiB, 32 * MiB, each);
  });

  it.each(['gemma3', 'qwen3moe', 'deepseek2', 'mamba'])(
    'know the cache of a %s: all of it within 15 per mille',
    async (name) => {
      const configs = [base, { ...base, contextSize: 32_768 }, { ...base, kvCacheType: 'q8_0' as const }];
      for (const each of await compare(engine, name, configs)) {
        expect(each.weights.ram).toBe(0);
        expectWithin(each.ram / each.simulated.ram, -0.015, 0.015, each);
      }
    },
  );
});

describe('the formulas, on software Vulkan', () => {
  const vulkan = sharedSoftwareVulkan();

  it.for(['1B, 32k words', '8B, 32k words', '70B, 16k words'])(
    'give what llama.cpp simulates with all layers of a %s there',
    async (name, ctx) => {
      const engine = await vulkan(ctx);
      const all = { ...base, gpuLayers: (await shapeFor(name)).totalLayers };
      const differences = await compare(engine, name, [
        all,
        { ...all, contextSize: 2048 },
        { ...all, contextSize: 32_768 },
        { ...all, batchSize: 128 },
        { ...all, batchSize: 128, contextSize: 2048, flashAttention: false },
      ]);
      for (const each of differences) {
        expect(each.weights).toEqual({ vram: 0, ram: 0 });
        expectWithin(each.vram, -0.1 * MiB, 0.1 * MiB, each);
        expectWithin(each.ram, -0.1 * MiB, 0.1 * MiB, each);
      }
    },
  );

  it.for(['1B, 32k words', '8B, 32k words', '70B, 16k words'])(
    'tell weights, cache and RAM of any split of a %s, and its VRAM to 25 MiB less or 55 more',
    async (name, ctx) => {
      const engine = await vulkan(ctx);
      const differences = await compare(
        engine,
        name,
        [1, 2, 8, 15].flatMap((gpuLayers) => [
          { ...base, gpuLayers },
          { ...base, gpuLayers, contextSize: 2048 },
          { ...base, gpuLayers, contextSize: 32_768 },
          { ...base, gpuLayers, batchSize: 128 },
          { ...base, gpuLayers, kvCacheType: 'q8_0' as const },
          { ...base, gpuLayers, batchSize: 128, contextSize: 2048, flashAttention: false },
        ]),
      );
      for (const each of differences) {
        expect(each.weights).toEqual({ vram: 0, ram: 0 });
        expectWithin(each.ram, -0.1 * MiB, 0.1 * MiB, each);
        expectWithin(each.vram, -25 * MiB, 55 * MiB, each);
        // As soon as it is a card's worth, that is little.
        if (each.simulated.vram > 2048 * MiB)
          expectWithin(each.vram / each.simulated.vram, -0.01, 0.025, each);
      }
    },
  );

  it.for(['gemma3', 'qwen3moe', 'deepseek2'])(
    'know the cache of a %s with all layers there: all of it within 15 per mille',
    async (name, ctx) => {
      const engine = await vulkan(ctx);
      const all = { ...base, gpuLayers: (await shapeFor(name)).totalLayers };
      for (const each of await compare(engine, name, [all, { ...all, contextSize: 32_768 }])) {
        expect(each.weights).toEqual({ vram: 0, ram: 0 });
        expectWithin(each.vram / each.simulated.vram, -0.015, 0.015, each);
        expectWithin(each.ram / each.simulated.ram, -0.015, 0.015, each);
      }
    },
  );

  it.for(['1B', '8B'])(
    'tell every other split of a %s to the KiB once one was simulated',
    async (name, ctx) => {
      const engine = await vulkan(ctx);
      const shape = await shapeFor(name);
      const oracle = new SimulatedOracle(analyticOracle(shape, { hasGpu: true }), shape);
      const configs = [2, 3, 7, 12, 15].map((gpuLayers) => ({ ...base, gpuLayers }));
      const uses = await engine.client.simulate({ modelPath: at(name), configs });
      configs.forEach((config, index) => {
        const use = uses[index];
        if (index === 0 && use !== undefined) oracle.learn(config, use);
        const { vram, ram } = difference(config, oracle.use(config), use);
        expect(Math.abs(vram)).toBeLessThan(KiB);
        expect(Math.abs(ram)).toBeLessThan(KiB);
      });
    },
  );
});
