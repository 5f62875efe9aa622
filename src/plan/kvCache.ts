import type { KvCacheType, PlanConfig } from '../protocol/engine';
import type { LayerShape, ModelShape } from './shape';

/** Bytes of one value in the cache: ggml's blocks of 32 values with a 16-bit scale. */
export const kvValueBytes: Readonly<Record<KvCacheType, number>> = { f16: 2, q8_0: 34 / 32, q4_0: 18 / 32 };

/** llama.cpp's caches grow by so many cells. */
const cellStep = 256;

/**
 * KV cache and recurrent state of one layer, all sequences, bytes.
 * @param widestValues of all layers: without flash attention each layer's values take as much room
 */
export function cacheBytes(layer: LayerShape, config: PlanConfig, widestValues: number): number {
  const { kvCacheType, sequences } = config;
  const values = (layer.keyValues + paddedValues(layer, config, widestValues)) * cachedCells(layer, config);
  return sequences * (values * kvValueBytes[kvCacheType] + layer.stateBytes);
}

/** Values of all layers alike, or of the widest one: what `cacheBytes` pads to. */
export function widestValues({ layers }: Pick<ModelShape, 'layers'>): number {
  return Math.max(0, ...layers.map(({ valueValues }) => valueValues));
}

/** The largest tensor of the cache on the GPU, bytes: keys or values of one layer, all sequences. 0: none is there. */
export function largestCacheTensor(shape: Pick<ModelShape, 'layers'>, config: PlanConfig): number {
  const { kvCacheType, sequences, gpuLayers } = config;
  const widest = widestValues(shape);
  const onGpu = shape.layers.slice(Math.max(0, shape.layers.length - gpuLayers));
  const values = onGpu.map(
    (layer) => Math.max(layer.keyValues, paddedValues(layer, config, widest)) * cachedCells(layer, config),
  );
  return Math.max(0, ...values) * sequences * kvValueBytes[kvCacheType];
}

function paddedValues(
  { valueValues }: LayerShape,
  { flashAttention }: PlanConfig,
  widestValues: number,
): number {
  return flashAttention || valueValues === 0 ? valueValues : widestValues;
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
