import type { PlanConfig } from '../protocol/engine';
import type { ModelShape } from './shape';

const f32 = 4;
const f16 = 2;

/** Bytes of the buffers in which a batch is computed. */
export interface ComputeBuffers {
  gpuBytes: number;
  ramBytes: number;
}

/**
 * The largest stage of the graph counts: a feed-forward part, an attention without flash attention, or the logits.
 * The terms were fitted to llama.cpp v0.5.0's own simulation (1B, 8B and 70B shapes, batches of 128 to 2,048,
 * contexts of 2k to 32k): exact on the CPU with an f16 cache and for all layers on a GPU; for a split, where weights
 * of the CPU's layers are copied through this buffer, within −6 and +33 MiB.
 */
export function computeBuffers(shape: ModelShape, config: PlanConfig, onGpu: boolean): ComputeBuffers {
  const stage = stagesOf(shape, config);
  const output = f32 * shape.vocabularySize * config.sequences;
  const whole = Math.max(stage.layers, stage.logits);
  if (!onGpu) return { gpuBytes: 0, ramBytes: whole + output };
  const { gpuLayers } = config;
  const input = stage.hidden + stage.mask;
  if (gpuLayers >= shape.totalLayers) return { gpuBytes: whole, ramBytes: input + output };
  const copies = Math.max(largestMatrix(shape), 2 * stage.mask);
  return gpuLayers > 0
    ? { gpuBytes: Math.max(stage.layers + copies, stage.logits), ramBytes: stage.layers + output }
    : { gpuBytes: stage.layers + copies, ramBytes: whole + output };
}

function stagesOf(shape: ModelShape, { batchSize, contextSize, flashAttention, kvCacheType }: PlanConfig) {
  const { embeddingLength, feedForwardLength, vocabularySize, headCount } = shape;
  const kvWidth = Math.max(0, ...shape.layers.map((layer) => layer.keyValues));
  const cells = batchSize * contextSize;
  const hidden = f32 * embeddingLength * batchSize;
  const feedForward = 2 * hidden + 3 * f32 * feedForwardLength * batchSize;
  const attention = f32 * (headCount + 1) * cells + 5 * hidden + 2 * f32 * kvWidth * batchSize;
  // A quantised cache is read through one more copy of the hidden state.
  const logits = f32 * vocabularySize * batchSize + (kvCacheType === 'f16' ? 2 : 3) * hidden;
  const mask = (flashAttention ? f16 : f32) * cells;
  const layers = flashAttention ? mask + feedForward : Math.max(attention, mask + feedForward);
  return { hidden, mask, layers, logits };
}

/** The feed-forward's largest matrix, taken as a third of the largest block's. */
function largestMatrix({ layers }: ModelShape): number {
  return Math.max(0, ...layers.slice(0, -1).map(({ weightBytes }) => weightBytes)) / 3;
}
