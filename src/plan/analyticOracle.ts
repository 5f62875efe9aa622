import type { PlanConfig } from '../protocol/engine';
import { computeBuffers } from './computeBuffers';
import { cacheBytes, widestValues } from './kvCache';
import type { CategoryBytes, MemoryOracle, MemoryUse } from './memory';
import type { LayerShape, ModelShape } from './shape';

/**
 * Formulas for any device: weights and caches are exact, compute buffers close. Checkpoints, other models and the
 * residual are not its own: the solver adds them.
 */
export function analyticOracle(shape: ModelShape, { hasGpu }: { hasGpu: boolean }): MemoryOracle {
  return {
    kind: 'analytic',
    use: (config) => useOf(shape, config, hasGpu),
  };
}

function useOf(shape: ModelShape, config: PlanConfig, hasGpu: boolean): MemoryUse {
  const gpuLayers = hasGpu ? Math.min(config.gpuLayers, shape.totalLayers) : 0;
  const split = shape.totalLayers - gpuLayers;
  const compute = computeBuffers(shape, { ...config, gpuLayers }, hasGpu);
  const widest = widestValues(shape);
  const kv = (layer: LayerShape) => cacheBytes(layer, config, widest);
  const ram = bytesOf(shape.layers.slice(0, split), kv, compute.ramBytes);
  // On the CPU a tied output is the embedding itself; a GPU gets a copy of it.
  const tied = shape.tiedOutput && gpuLayers === 0 ? Math.min(shape.inputBytes, outputBytes(shape)) : 0;
  return {
    vram: bytesOf(shape.layers.slice(split), kv, compute.gpuBytes),
    ram: { ...ram, weights: ram.weights + shape.inputBytes - tied },
  };
}

function bytesOf(
  layers: readonly LayerShape[],
  kv: (layer: LayerShape) => number,
  compute: number,
): CategoryBytes {
  const sum = (bytes: (layer: LayerShape) => number) =>
    layers.reduce((total, layer) => total + bytes(layer), 0);
  return {
    weights: sum(({ weightBytes }) => weightBytes),
    experts: sum(({ expertBytes }) => expertBytes),
    kv: sum(kv),
    checkpoints: 0,
    compute,
    draft: 0,
    completion: 0,
    residual: 0,
  };
}

function outputBytes({ layers }: ModelShape): number {
  return layers.at(-1)?.weightBytes ?? 0;
}
