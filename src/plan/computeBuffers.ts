import type { PlanConfig } from '../protocol/engine';
import { cachedCells } from './kvCache';
import type { LayerShape, ModelShape } from './shape';

const f32 = 4;
const f16 = 2;

/** Bytes of the buffers in which a batch is computed. */
export interface ComputeBuffers {
  gpuBytes: number;
  ramBytes: number;
}

/**
 * What llama.cpp v0.5.0 reserves for a whole batch. The largest stage of the graph counts: a feed-forward part, an
 * attention, or the logits. Fitted to its own simulation over shapes of 1B to 70B, batches of 128 to 2,048, contexts
 * of 1k to 32k, with and without flash attention: within 0.1 MiB in RAM and for all layers on a GPU with an f16
 * cache. In a split the GPU computes the CPU's layers too, with copies of their weights; what the copies leave
 * unused between them cannot be told by a formula: −25 to +55 MiB.
 */
export function computeBuffers(shape: ModelShape, config: PlanConfig, onGpu: boolean): ComputeBuffers {
  const output = f32 * shape.vocabularySize * config.sequences;
  if (!onGpu) return { gpuBytes: 0, ramBytes: wholeOnCpu(shape, config) + output };
  return { gpuBytes: onTheGpu(shape, config), ramBytes: besideGpu(shape, config) + output };
}

function wholeOnCpu(shape: ModelShape, config: PlanConfig): number {
  const { hidden, mask, feed, experts, keys, scores, logits } = sizesOf(shape, config);
  // A quantised cache is read through one more copy of the hidden state.
  const logitsStage = logits + (config.kvCacheType === 'f16' ? 2 : 3) * hidden;
  const attention = config.flashAttention ? 0 : mask + scores + 5 * hidden + 2 * keys;
  return Math.max(feed, experts + hidden, attention, logitsStage);
}

function onTheGpu(shape: ModelShape, config: PlanConfig): number {
  const { hidden, mask, keys, indices, scores, logits, ...sizes } = sizesOf(shape, config);
  const feed = indices + Math.max(sizes.feed, sizes.experts);
  const attention = mask + scores + 3 * hidden + 2 * keys;
  const logitsStage = logits + 2 * hidden;
  const cpuLayers = shape.totalLayers - config.gpuLayers;
  if (cpuLayers <= 0) return Math.max(feed, attention, logitsStage);
  const matrix = largestMatrix(shape);
  const cached = attention + copiedCache(shape, config) + (config.flashAttention ? matrix : 0);
  // With so few layers on the GPU the copy of the last block's weights lies beside the logits.
  const output = config.gpuLayers > 1 ? 0 : matrix;
  const outputCopy = config.gpuLayers > 0 ? 0 : (shape.layers.at(-1)?.weightBytes ?? 0);
  return Math.max(feed + matrix, cached, logitsStage + output + outputCopy);
}

/** With a GPU, RAM holds the embedding of the batch, the mask, and what the CPU's cache is written from. */
function besideGpu(shape: ModelShape, config: PlanConfig): number {
  const { hidden, mask, keys, indices } = sizesOf(shape, config);
  const written = config.gpuLayers < shape.totalLayers ? hidden + 2 * keys : 0;
  return mask + indices + Math.max(2 * hidden, written);
}

function sizesOf(shape: ModelShape, config: PlanConfig) {
  const { batchSize, flashAttention } = config;
  const used = shape.layers.some(({ expertBytes }) => expertBytes > 0) ? shape.experts.used : 0;
  const widest = (values: (layer: LayerShape) => number) => Math.max(0, ...shape.layers.map(values));
  const hidden = f32 * shape.embeddingLength * batchSize;
  const feedForward = f32 * shape.feedForwardLength * batchSize;
  const mask = (flashAttention ? f16 : f32) * batchSize * maskCells(shape, config);
  return {
    hidden,
    mask,
    feed: mask + 2 * hidden + 3 * feedForward,
    /** Each used expert answers with a hidden state of its own. */
    experts: used > 0 ? mask + (2 + 2 * used) * hidden + feedForward : 0,
    keys: f32 * widest(({ keyValues }) => keyValues) * batchSize,
    logits: f32 * shape.vocabularySize * batchSize,
    /** Attention scores, which flash attention does not keep. */
    scores: flashAttention ? 0 : f32 * shape.headCount * batchSize * config.contextSize,
    /** Where each value goes in a cache that lies transposed. */
    indices: flashAttention ? 0 : 8 * widest(({ valueValues }) => valueValues) * batchSize,
  };
}

/** Cells of the masks: one for the whole context and one for each window, as far as layers have them. */
function maskCells({ layers }: ModelShape, config: PlanConfig): number {
  const attending = layers.filter(({ keyValues }) => keyValues > 0);
  return [...new Set(attending.map((layer) => cachedCells(layer, config)))].reduce((a, b) => a + b, 0);
}

/** Keys and values of one of the CPU's layers, copied to where attention is computed. */
function copiedCache({ layers }: ModelShape, { contextSize }: PlanConfig): number {
  return f16 * contextSize * Math.max(0, ...layers.map((layer) => layer.keyValues + layer.valueValues));
}

function largestMatrix({ layers }: ModelShape): number {
  return Math.max(0, ...layers.slice(0, -1).map(({ largestTensorBytes }) => largestTensorBytes));
}
