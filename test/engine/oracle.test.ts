import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGgufHeader } from '../../src/gguf/readHeader';
import { analyticOracle } from '../../src/plan/analyticOracle';
import { totalBytes } from '../../src/plan/memory';
import { shapeOf } from '../../src/plan/shapeOf';
import { SimulatedOracle } from '../../src/plan/simulatedOracle';
import type { PlanConfig } from '../../src/protocol/engine';
import { TestEngine, temporaryFolder } from '../support/engineHarness';
import { writeScriptedModel } from '../support/scriptedModel';
import { startWithSoftwareVulkan } from '../support/softwareVulkan';

const mib = 1024 * 1024;

const base: PlanConfig = {
  gpuLayers: 0,
  contextSize: 8192,
  batchSize: 512,
  kvCacheType: 'f16',
  flashAttention: true,
  mmap: true,
  sequences: 1,
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string) => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeScriptedModel(at('1B'), { shape: '1B', quant: 'Q4_K_M' });
  await writeScriptedModel(at('8B'), { shape: '8B', quant: 'Q4_K_M' });
  await writeScriptedModel(at('70B'), { shape: '70B', quant: 'Q4_K_M' });
});
afterAll(() => folder.remove());

describe('the formulas, on the CPU', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await TestEngine.start();
  });
  afterAll(() => engine.client.shutdown());

  it.each(['1B', '8B', '70B'])('give what llama.cpp simulates for a %s', async (name) => {
    const oracle = analyticOracle(shapeOf(await readGgufHeader(at(name))), { hasGpu: false });
    const configs: PlanConfig[] = [
      base,
      { ...base, contextSize: 2048 },
      { ...base, batchSize: 128 },
      { ...base, batchSize: 2048 },
      { ...base, flashAttention: false },
      { ...base, contextSize: 32_768, batchSize: 1024, flashAttention: false },
    ];
    const uses = await engine.client.simulate({ modelPath: at(name), configs });
    const simulated = uses.map(({ weights, context }) => weights.ramBytes + context.ramBytes);
    const told = configs.map((config) => totalBytes(oracle.use(config).ram));
    told.forEach((bytes, index) => expect(Math.abs(bytes - (simulated[index] ?? 0))).toBeLessThan(0.1 * mib));
  });

  it.each(['1B', '8B', '70B'])('are never too small for a quantised cache of a %s', async (name) => {
    const oracle = analyticOracle(shapeOf(await readGgufHeader(at(name))), { hasGpu: false });
    const config: PlanConfig = { ...base, kvCacheType: 'q8_0' };
    const [use] = await engine.client.simulate({ modelPath: at(name), configs: [config] });
    const over =
      totalBytes(oracle.use(config).ram) - (use?.weights.ramBytes ?? 0) - (use?.context.ramBytes ?? 0);
    expect(over).toBeGreaterThanOrEqual(-0.1 * mib);
    expect(over).toBeLessThan(32 * mib);
  });
});

describe('an oracle that saw one split on software Vulkan', () => {
  it.for(['1B', '8B'])('tells every other split of a %s to the KiB', async (name, ctx) => {
    const vulkan = await startWithSoftwareVulkan(ctx);
    try {
      const shape = shapeOf(await readGgufHeader(at(name)));
      const oracle = new SimulatedOracle(analyticOracle(shape, { hasGpu: true }), shape);
      const configs = [2, 3, 7, 12, 15].map((gpuLayers) => ({ ...base, gpuLayers }));
      const uses = await vulkan.client.simulate({ modelPath: at(name), configs });
      configs.forEach((config, index) => {
        const use = uses[index];
        if (use === undefined) throw new Error('too few configurations were simulated');
        if (index === 0) oracle.learn(config, use);
        const { vram, ram } = oracle.use(config);
        expect(Math.abs(totalBytes(vram) - use.weights.vramBytes - use.context.vramBytes)).toBeLessThan(1024);
        expect(Math.abs(totalBytes(ram) - use.weights.ramBytes - use.context.ramBytes)).toBeLessThan(1024);
      });
    } finally {
      await vulkan.client.shutdown();
    }
  });
});
