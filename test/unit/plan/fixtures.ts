import { assumedRates } from '../../../src/plan/assumedRates';
import type { Machine } from '../../../src/plan/machine';
import type { CategoryBytes, MemoryOracle, MemoryUse } from '../../../src/plan/memory';
import type { PlanRequest } from '../../../src/plan/plan';
import type { LayerShape, ModelShape } from '../../../src/plan/shape';
import type { PlanConfig } from '../../../src/protocol/engine';

export const GiB = 2 ** 30;
export const MiB = 2 ** 20;

/** A transformer of equal blocks whose weights sum up to `bytes`. */
export interface Dense {
  bytes: number;
  blocks: number;
  embedding: number;
  kvWidth: number;
  parameters: number;
  experts?: { count: number; used: number; share: number };
}

export const sizes = {
  small: { bytes: 0.8 * GiB, blocks: 16, embedding: 2048, kvWidth: 512, parameters: 1.2e9 },
  medium: { bytes: 4.6 * GiB, blocks: 32, embedding: 4096, kvWidth: 1024, parameters: 8e9 },
  large: { bytes: 39.6 * GiB, blocks: 80, embedding: 8192, kvWidth: 1024, parameters: 70.6e9 },
  /** A 64 GB file of a dense model. */
  dense64: { bytes: 64e9, blocks: 88, embedding: 12288, kvWidth: 1024, parameters: 105e9 },
  /** A 64 GB file whose experts are nearly all of it, an eighteenth of them used per token. */
  experts64: {
    bytes: 64e9,
    blocks: 48,
    embedding: 4096,
    kvWidth: 1024,
    parameters: 110e9,
    experts: { count: 144, used: 8, share: 0.95 },
  },
} satisfies Record<string, Dense>;

export function shapeFor(size: Dense, quant = 'Q4_K_M'): ModelShape {
  const vocabularySize = 128_256;
  const inputBytes = Math.round((size.bytes / size.parameters) * vocabularySize * size.embedding);
  const block = (size.bytes - 2 * inputBytes) / size.blocks;
  const expertBytes = Math.round(block * (size.experts?.share ?? 0));
  const used = size.experts === undefined ? 1 : size.experts.used / size.experts.count;
  const weightBytes = Math.round(block) - expertBytes;
  const perByte = size.parameters / size.bytes;
  const layers: LayerShape[] = Array.from({ length: size.blocks }, () => ({
    weightBytes,
    expertBytes,
    largestTensorBytes: Math.round(block / 5),
    multiplyAdds: (weightBytes + expertBytes * used) * perByte,
    keyValues: size.kvWidth,
    valueValues: size.kvWidth,
    window: undefined,
    stateBytes: 0,
  }));
  layers.push({
    weightBytes: inputBytes,
    expertBytes: 0,
    largestTensorBytes: inputBytes,
    multiplyAdds: vocabularySize * size.embedding,
    keyValues: 0,
    valueValues: 0,
    window: undefined,
    stateBytes: 0,
  });
  return {
    name: `${String(size.parameters / 1e9)}B`,
    architecture: 'llama',
    quant,
    parameters: size.parameters,
    totalLayers: layers.length,
    trainContext: 131_072,
    vocabularySize,
    embeddingLength: size.embedding,
    headCount: size.embedding / 128,
    inputBytes,
    layers,
    feedForwardLength: size.embedding * 3.5,
    experts: size.experts ?? { count: 0, used: 0 },
    tiedOutput: false,
    repackedBytes: size.bytes,
    gaps: [],
  };
}

/** Bytes as llama.cpp has them, roughly: enough to solve over, and simple enough to follow. */
export function fakeOracle(shape: ModelShape, hasGpu = true): MemoryOracle {
  return { kind: 'analytic', use: (config) => fakeUse(shape, config, hasGpu) };
}

export function fakeUse(shape: ModelShape, config: PlanConfig, hasGpu = true): MemoryUse {
  const perValue = { f16: 2, q8_0: 34 / 32, q4_0: 18 / 32 }[config.kvCacheType];
  const place = (layers: readonly LayerShape[]) => ({
    weights: sum(layers, (layer) => layer.weightBytes),
    experts: sum(layers, (layer) => layer.expertBytes),
    kv:
      sum(layers, (layer) => layer.keyValues + layer.valueValues) *
      perValue *
      config.contextSize *
      config.sequences,
  });
  const first = shape.layers.length - config.gpuLayers;
  const batch = config.batchSize;
  const scores = config.flashAttention ? 0 : 4 * batch * config.contextSize * shape.headCount;
  const compute = batch * (4 * shape.vocabularySize + 2 * config.contextSize) + scores;
  if (!hasGpu) {
    const all = place(shape.layers);
    return { vram: none, ram: { ...none, ...all, weights: all.weights + shape.inputBytes, compute } };
  }
  const split = config.gpuLayers < shape.totalLayers ? 8 * batch * shape.embeddingLength : 0;
  const vram = place(shape.layers.slice(first));
  const ram = place(shape.layers.slice(0, first));
  return {
    vram: { ...none, ...vram, compute: compute + split },
    ram: { ...none, ...ram, weights: ram.weights + shape.inputBytes, compute: compute / 4 },
  };
}

export const none: CategoryBytes = {
  weights: 0,
  experts: 0,
  kv: 0,
  checkpoints: 0,
  compute: 0,
  draft: 0,
  completion: 0,
  residual: 0,
};

function sum(layers: readonly LayerShape[], bytes: (layer: LayerShape) => number): number {
  return layers.reduce((total, layer) => total + bytes(layer), 0);
}

export function machineWith(vramGiB: number | undefined, ramGiB: number, gpuName = 'RTX 3060'): Machine {
  const backend = vramGiB === undefined ? 'cpu' : 'cuda';
  return {
    backend,
    gpu:
      vramGiB === undefined
        ? undefined
        : { name: gpuName, totalBytes: vramGiB * GiB, freeBytes: vramGiB * GiB },
    // What a system with a few programs leaves.
    ram: { totalBytes: ramGiB * GiB, availableBytes: (ramGiB - 3) * GiB },
    physicalCores: 8,
    rates: assumedRates({ backend, gpuName: vramGiB === undefined ? undefined : gpuName, physicalCores: 8 }),
    residual: { bytes: vramGiB === undefined ? 0 : 300 * MiB, source: 'assumed' },
  };
}

export function requestFor(
  shape: ModelShape,
  machine: Machine,
  more: Partial<PlanRequest> = {},
): PlanRequest {
  return {
    shape,
    machine,
    oracle: fakeOracle(shape, machine.gpu !== undefined),
    vramBudgetBytes: undefined,
    contextWanted: 8192,
    pins: {},
    typical: { promptTokens: 3000, answerTokens: 400 },
    ...more,
  };
}
