import type { KvCacheType, PlanConfig } from '../protocol/engine';
import type { LayerShape } from './shape';

/** Bytes of one value in the cache: ggml's blocks of 32 values with a 16-bit scale. */
export const kvValueBytes: Readonly<Record<KvCacheType, number>> = { f16: 2, q8_0: 34 / 32, q4_0: 18 / 32 };

/** llama.cpp's caches grow by so many cells. */
const cellStep = 256;

/** KV cache and recurrent state of one layer, all sequences, bytes. Exact for caches of equal keys and values. */
export function cacheBytes(
  layer: LayerShape,
  { contextSize, batchSize, kvCacheType, sequences }: PlanConfig,
): number {
  const whole = pad(contextSize);
  // A window's cache holds what a batch writes beside what it keeps.
  const cells = layer.window === undefined ? whole : Math.min(whole, pad(layer.window + batchSize));
  const values = (layer.keyValues + layer.valueValues) * cells;
  return sequences * (values * kvValueBytes[kvCacheType] + layer.stateBytes);
}

function pad(tokens: number): number {
  return Math.ceil(tokens / cellStep) * cellStep;
}
