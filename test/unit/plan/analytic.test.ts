import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GgufHeader } from '../../../src/gguf/model';
import { readGgufHeader } from '../../../src/gguf/readHeader';
import { analyticOracle } from '../../../src/plan/analyticOracle';
import { totalBytes } from '../../../src/plan/memory';
import { shapeOf } from '../../../src/plan/shapeOf';
import type { PlanConfig } from '../../../src/protocol/engine';
import { requantised, type MixedQuant } from '../../support/quantMixes';
import { writeScriptedModel } from '../../support/scriptedModel';
import { GiB, MiB } from './fixtures';
import { usualConfig as config } from '../../support/planConfig';

let folder: string;
let header: GgufHeader;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layercake-plan-'));
  await writeScriptedModel(join(folder, '70B.gguf'), { shape: '70B', quant: 'Q4_K_M' });
  header = await readGgufHeader(join(folder, '70B.gguf'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Most layers within a budget, bytes of VRAM. */
function layersWithin(budget: number, described: GgufHeader, change: Partial<PlanConfig> = {}): number {
  const oracle = analyticOracle(shapeOf(described), { hasGpu: true });
  const fits = (gpuLayers: number) =>
    totalBytes(oracle.use({ ...config, ...change, gpuLayers }).vram) <= budget;
  return Array.from({ length: described.totalLayers + 1 }, (_, n) => n).findLast(fits) ?? -1;
}

describe('a 70B at 11.5 GiB with 8k of context', () => {
  // The driver's context takes 107 to 555 MiB of a card beside llama.cpp's own buffers.
  const budget = 11.5 * GiB - 300 * MiB;

  // Sizes and layers: derived from tensor bytes, the output counted as a layer.
  it.each<[MixedQuant, number, number]>([
    ['IQ2_XXS', 17.8, 43],
    ['IQ2_M', 22.5, 35],
    ['Q2_K', 24.6, 32],
    ['IQ3_M', 29.7, 27],
    ['Q3_K_M', 31.9, 25],
    ['IQ4_XS', 35.3, 23],
    ['Q4_K_M', 39.6, 20],
    ['Q5_K_M', 46.5, 17],
    ['Q6_K', 53.9, 15],
    ['Q8_0', 69.8, 12],
  ])('%s is %d GiB, of which %d layers are on the GPU', (level, gib, layers) => {
    const described = requantised(header, level);
    const { ram } = analyticOracle(shapeOf(described), { hasGpu: false }).use(config);
    expect(ram.weights).toBe(described.tensorBytes);
    expect(Math.abs(ram.weights / GiB / gib - 1)).toBeLessThan(0.01);
    expect(layersWithin(budget, described)).toBe(layers);
  });

  it('has fewer layers the more a batch or the context takes, and more with a quantised cache', () => {
    const usual = layersWithin(budget, header);
    expect(layersWithin(budget, header, { batchSize: 2048 })).toBeLessThan(usual);
    expect(layersWithin(budget, header, { contextSize: 65_536 })).toBeLessThan(usual);
    expect(layersWithin(budget, header, { contextSize: 32_768, kvCacheType: 'q4_0' })).toBeGreaterThan(
      layersWithin(budget, header, { contextSize: 32_768 }),
    );
  });
});

describe('the buffers of a batch', () => {
  // Llama-3-8B's numbers for a batch of 512: 250.5 MiB of logits, 8 of hidden state, 8 of mask at 8k.
  const parts = (gpuLayers: number, change: Partial<PlanConfig> = {}) => {
    const { vram, ram } = analyticOracle(shapeOf(header), { hasGpu: true }).use({
      ...{ ...config, ...change },
      gpuLayers,
    });
    return { vram: vram.compute / MiB, ram: ram.compute / MiB };
  };
  const outputMiB = (4 * 128_256) / MiB;

  it('are the logits and two hidden states where all layers are on the GPU', () => {
    expect(parts(81).vram).toBe(512 * outputMiB + 2 * 16);
    expect(parts(81, { batchSize: 1024 }).vram).toBe(1024 * outputMiB + 2 * 32);
  });

  it('leave the embedding of the batch and the mask in RAM, however many layers are where', () => {
    expect(parts(81).ram).toBe(2 * 16 + 8 + outputMiB);
    expect(parts(20).ram).toBe(parts(81).ram);
    expect(parts(20, { contextSize: 32_768 }).ram).toBe(2 * 16 + 32 + outputMiB);
  });

  it('hold copies of weights where the layers are split', () => {
    const largest = 28_672 * 8192 * (210 / 256);
    expect(parts(20).vram).toBe(8 + 2 * 16 + 3 * 56 + largest / MiB);
    expect(parts(0).vram).toBeGreaterThan(parts(20).vram + (128_256 * 8192 * (210 / 256)) / MiB - 256);
  });

  it('hold the scores of attention without flash attention: 64 heads', () => {
    expect(parts(81, { flashAttention: false }).vram).toBe(16 * 65 + 3 * 16 + 2 * 2);
  });
});
