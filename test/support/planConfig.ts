import type { PlanConfig } from '../../src/protocol/engine';

/** What plans are mostly asked for, of no layers on the GPU. */
export const usualConfig: PlanConfig = {
  gpuLayers: 0,
  contextSize: 8192,
  batchSize: 512,
  kvCacheType: 'f16',
  flashAttention: true,
  mmap: true,
  sequences: 1,
};
