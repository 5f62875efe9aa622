import type { KvCacheType, PlanConfig } from '../protocol/engine';
import { kvValueBytes } from './kvCache';
import type { LayerShape } from './shape';

/** What is kept of a state that cannot be cut back at any token, to go back to. */
export interface Checkpoints {
  /** Tokens that the sliding windows reach back, where the context is longer; 0: none slide. */
  readonly window: number;
  /** Of one, at most, bytes: the tokens in the windows and the states of recurrent layers. Always in RAM. */
  readonly bytes: number;
  /** Of how many one sequence keeps. */
  readonly most: number;
}

/** Of a model whose state can be cut anywhere. */
export const noCheckpoints: Checkpoints = { window: 0, bytes: 0, most: 0 };

/** The start of the last turn and the end of the prompt; those before serve edits further back. */
const least = 2;
const usual = 8;
/** More than `least` only within this, bytes. */
const budgetBytes = 512 * 1024 * 1024;

/**
 * One checkpoint takes 3 MiB with gpt-oss-20b (window 128), 75 with Qwen3-Next-80B, 116 with Gemma 3 4B, 320 with its
 * 12B and 416 with its 27B (window 1,024), each with a cache in 16 bits. The library itself keeps 32: 13 GiB there.
 */
export function checkpointsOf(
  layers: readonly LayerShape[],
  { contextSize, kvCacheType }: { contextSize: number; kvCacheType: KvCacheType },
): Checkpoints {
  const slides = ({ window }: LayerShape) => window !== undefined && window < contextSize;
  const bytes = layers.reduce((sum, layer) => {
    const values = slides(layer) ? (layer.keyValues + layer.valueValues) * (layer.window ?? 0) : 0;
    return sum + values * kvValueBytes[kvCacheType] + layer.stateBytes;
  }, 0);
  return {
    window: Math.max(0, ...layers.filter(slides).map(({ window }) => window ?? 0)),
    bytes,
    most: Math.max(least, Math.min(usual, Math.floor(budgetBytes / bytes))),
  };
}

/** Of all sequences, at most, bytes of RAM. */
export function checkpointBytes(layers: readonly LayerShape[], config: PlanConfig): number {
  const { bytes, most } = checkpointsOf(layers, config);
  return config.sequences * most * bytes;
}
