import type { KvCacheType, PlanConfig } from '../protocol/engine';
import type { LayerShape } from './shape';

/** Bytes of one value in the cache: ggml's blocks of 32 values with a 16-bit scale. */
export const kvValueBytes: Readonly<Record<KvCacheType, number>> = { f16: 2, q8_0: 34 / 32, q4_0: 18 / 32 };

/** llama.cpp's caches grow by so many cells. */
const cellStep = 256;

/**
 * KV cache and recurrent state of one layer, all sequences, bytes.
 * @param widestValues of all layers: without flash attention each layer's values take as much room
 */
export function cacheBytes(layer: LayerShape, config: PlanConfig, widestValues: number): number {
  const { kvCacheType, sequences, flashAttention } = config;
  const padded = flashAttention || layer.valueValues === 0 ? layer.valueValues : widestValues;
  const values = (layer.keyValues + padded) * cachedCells(layer, config);
  return sequences * (values * kvValueBytes[kvCacheType] + layer.stateBytes);
}

/** Tokens that one layer's cache has room for, of each sequence. */
export function cachedCells(
  { window }: Pick<LayerShape, 'window'>,
  { contextSize, batchSize }: Pick<PlanConfig, 'contextSize' | 'batchSize'>,
): number {
  const whole = pad(contextSize);
  // A window's cache holds what a batch writes beside what it keeps.
  return window === undefined ? whole : Math.min(whole, pad(window + batchSize));
}

function pad(tokens: number): number {
  return Math.ceil(tokens / cellStep) * cellStep;
}
