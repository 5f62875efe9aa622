import type { PlanConfig } from '../protocol/engine';

/** What ran out, where llama.cpp or the way it died tells. */
export interface AllocationFailure {
  place: 'vram' | 'ram' | 'unknown';
}

/** One change after a failed allocation, to be announced. */
export type LadderStep =
  | { kind: 'fewerSequences'; from: number; to: number }
  | { kind: 'fewerLayers'; from: number; to: number }
  | { kind: 'smallerBatch'; from: number; to: number }
  | { kind: 'quantisedCache'; from: PlanConfig['kvCacheType']; to: 'q8_0' | 'q4_0' }
  | { kind: 'smallerContext'; from: number; to: number };

export interface Rung {
  config: PlanConfig;
  step: LadderStep;
}

const order: readonly LadderStep['kind'][] = [
  'fewerSequences',
  'fewerLayers',
  'smallerBatch',
  'quantisedCache',
  'smallerContext',
];
/** Each one is a load that may take minutes. */
const mostTries = 4;
const smallestBatch = 128;
const smallestContext = 512;

/**
 * What to try after `config` failed to be allocated; undefined where there is nothing left. Each kind is tried once,
 * from the cheapest, four of them at most.
 * @param tried the steps taken before, in order
 */
export function nextRung(
  config: PlanConfig,
  failure: AllocationFailure,
  tried: readonly LadderStep[],
): Rung | undefined {
  if (tried.length === mostTries) return undefined;
  const furthest = Math.max(-1, ...tried.map((step) => order.indexOf(step.kind)));
  for (const kind of order.slice(furthest + 1)) {
    const rung = climb(kind, config, failure);
    if (rung !== undefined) return rung;
  }
  return undefined;
}

function climb(kind: LadderStep['kind'], config: PlanConfig, failure: AllocationFailure): Rung | undefined {
  switch (kind) {
    case 'fewerSequences': {
      const from = config.sequences;
      if (from <= 1) return undefined;
      return { config: { ...config, sequences: 1 }, step: { kind, from, to: 1 } };
    }
    case 'fewerLayers': {
      const from = config.gpuLayers;
      // A layer that leaves the GPU goes to RAM.
      if (from === 0 || failure.place === 'ram') return undefined;
      const to = from - Math.max(1, Math.round(from / 10));
      return { config: { ...config, gpuLayers: to }, step: { kind, from, to } };
    }
    case 'smallerBatch': {
      const from = config.batchSize;
      if (from <= smallestBatch) return undefined;
      const to = Math.max(smallestBatch, Math.floor(from / 2));
      return { config: { ...config, batchSize: to }, step: { kind, from, to } };
    }
    case 'quantisedCache': {
      const from = config.kvCacheType;
      if (from === 'q4_0') return undefined;
      const to = from === 'f16' ? 'q8_0' : 'q4_0';
      return { config: { ...config, kvCacheType: to, flashAttention: true }, step: { kind, from, to } };
    }
    case 'smallerContext': {
      const from = config.contextSize;
      if (from <= smallestContext) return undefined;
      const to = Math.max(smallestContext, Math.floor(from / 2));
      const batchSize = Math.min(config.batchSize, to);
      return { config: { ...config, contextSize: to, batchSize }, step: { kind, from, to } };
    }
  }
}
