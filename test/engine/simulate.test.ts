import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadedModel, PlanConfig, SimulatedUse } from '../../src/protocol/engine';
import { defaultAnswer } from '../support/defaultScripts';
import { TestEngine, temporaryFolder } from '../support/engineHarness';
import { writeScriptedModel } from '../support/scriptedModel';
import { startWithSoftwareVulkan } from '../support/softwareVulkan';
import { usualConfig } from '../support/planConfig';

/** llama.cpp tells a buffer in hundredths of a MiB, and a load has six or fewer in one place. */
const rounding = 6 * 0.005 * 1024 * 1024;

const base = { ...usualConfig, contextSize: 2048, mmap: false };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string) => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeScriptedModel(at('tiny.gguf'));
  await writeScriptedModel(at('1B.gguf'), { shape: '1B, 32k words', quant: 'Q4_K_M' });
  await writeScriptedModel(at('70B.gguf'), { shape: '70B', quant: 'Q4_K_M' });
});

afterAll(() => folder.remove());

describe('on the CPU', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await TestEngine.start();
  });
  afterAll(() => engine.client.shutdown());

  it.each([
    ['tiny.gguf', {}],
    ['tiny.gguf', { contextSize: 8192, kvCacheType: 'q8_0' }],
    ['tiny.gguf', { flashAttention: false, batchSize: 128 }],
    ['1B.gguf', {}],
    ['1B.gguf', { contextSize: 4096, kvCacheType: 'q4_0', batchSize: 256 }],
  ] as const)('what %s would take with %j is what a load then takes', async (name, change) => {
    const simulated = total(await simulate(engine, name, change));
    const { memory, buffers, deviceUsedBytes } = await load(engine, name, change);
    expect(new Set(buffers.map(({ kind }) => kind))).toEqual(new Set(['model', 'output', 'KV', 'compute']));
    expect(buffers.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(memory.ramBytes);
    expect(deviceUsedBytes).toBeNull();
    expect(simulated.vramBytes).toBe(0);
    // Intel's AMX takes weights in a layout of its own, which llama.cpp sizes only when it loads.
    const hasOtherLayout = buffers.some(({ name }) => name === 'AMX');
    const most = hasOtherLayout ? 0.02 * memory.ramBytes : rounding;
    expect(Math.abs(simulated.ramBytes - memory.ramBytes)).toBeLessThan(most);
  });

  it('a file of 40 GiB is told without a load, and leaves the loaded model as it is', async () => {
    await load(engine, 'tiny.gguf');
    const { rssBytes } = await engine.client.memory();
    const { weights, context } = await simulate(engine, '70B.gguf', { contextSize: 8192 });
    expect(weights).toEqual({ ramBytes: 42_470_588_416, vramBytes: 0 });
    // The KV cache: 8,192 tokens x 80 blocks x 2 x 1,024 values x 2 bytes.
    expect(context.ramBytes).toBeGreaterThan(8192 * 80 * 2 * 1024 * 2);
    expect((await engine.client.memory()).rssBytes - rssBytes).toBeLessThan(100e6);
    expect((await engine.ask('Tell me how to add')).streamed).toBe(defaultAnswer);
  });

  it('a chat that runs is neither waited for nor disturbed', async () => {
    await load(engine, '1B.gguf');
    let isOver = false;
    const asked = engine.ask('Tell me how to add').finally(() => {
      isOver = true;
    });
    await simulate(engine, '70B.gguf', { contextSize: 4096 });
    expect(isOver).toBe(false);
    expect((await asked).streamed).toBe(defaultAnswer);
  });

  it('buffers are still read right by a load beside simulations', async () => {
    const alone = await load(engine, 'tiny.gguf');
    const configs = [512, 1024, 1536].map((contextSize) => ({ ...base, contextSize }));
    const simulating = engine.client.simulate({ modelPath: at('1B.gguf'), configs });
    const beside = await load(engine, 'tiny.gguf');
    expect(beside.memory).toEqual(alone.memory);
    const contexts = (await simulating).map(({ context }) => context.ramBytes);
    expect(contexts).toEqual([...contexts].sort((a, b) => a - b));
    expect(new Set(contexts).size).toBe(3);
  });

  it('a missing file and a configuration out of range are refused with their reasons', async () => {
    await expect(simulate(engine, 'none.gguf')).rejects.toMatchObject({
      failure: { reason: 'modelMissing' },
    });
    await expect(simulate(engine, 'tiny.gguf', { batchSize: 0 })).rejects.toMatchObject({
      failure: { reason: 'badRequest' },
    });
  });
});

describe('on a device', () => {
  it('what no, some and all layers would take there is what they then take', async (ctx) => {
    const engine = await startWithSoftwareVulkan(ctx);
    try {
      for (const [name, layers] of [
        ['tiny.gguf', [0, 1, 2, 3]],
        ['1B.gguf', [0, 1, 9, 17]],
      ] as const) {
        for (const gpuLayers of layers) {
          const change = { gpuLayers, mmap: true };
          const simulated = total(await simulate(engine, name, change));
          const { memory, buffers, deviceUsedBytes } = await load(engine, name, change);
          const onGpu = buffers.filter((buffer) => buffer.onGpu);
          expect(onGpu.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(memory.vramBytes);
          expect(onGpu.some(({ kind }) => kind === 'model')).toBe(gpuLayers > 0);
          // The software driver tells what is free alone.
          expect(deviceUsedBytes).toBeNull();
          const about = `${name} with ${gpuLayers} layers: ${simulated.vramBytes}, then ${memory.vramBytes}`;
          const allowed = Math.max(rounding, memory.vramBytes * 0.005);
          expect(Math.abs(simulated.vramBytes - memory.vramBytes), about).toBeLessThan(allowed);
        }
      }
    } finally {
      await engine.client.shutdown();
    }
  }, 240_000);
});

async function simulate(engine: TestEngine, name: string, change: Partial<PlanConfig> = {}) {
  const [use] = await engine.client.simulate({ modelPath: at(name), configs: [{ ...base, ...change }] });
  if (use === undefined) throw new Error('no answer');
  return use;
}

async function load(
  engine: TestEngine,
  name: string,
  change: Partial<PlanConfig> = {},
): Promise<LoadedModel> {
  const { gpuLayers, contextSize, batchSize, kvCacheType, flashAttention, mmap } = { ...base, ...change };
  const decided = { gpuLayers, contextSize, batchSize, kvCacheType, mmap };
  return await engine.load(at(name), { ...decided, flashAttention: flashAttention ? 'on' : 'off' });
}

function total({ weights, context }: SimulatedUse): LoadedModel['memory'] {
  return {
    ramBytes: weights.ramBytes + context.ramBytes,
    vramBytes: weights.vramBytes + context.vramBytes,
  };
}
