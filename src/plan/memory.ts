import type { PlanConfig } from '../protocol/engine';

/**
 * What bytes are for. `checkpoints`: copies of states that cannot be cut back, at most. `residual`: what the driver
 * takes beside llama.cpp's own buffers, learned on this machine. `completion`: the second model, all of it.
 */
export const memoryCategories = [
  'weights',
  'experts',
  'kv',
  'checkpoints',
  'compute',
  'draft',
  'completion',
  'residual',
] as const;
export type MemoryCategory = (typeof memoryCategories)[number];
export type CategoryBytes = Readonly<Record<MemoryCategory, number>>;

/** Bytes by place and category. Several GPUs are told as one, as the engine's library tells them. */
export interface MemoryUse {
  readonly vram: CategoryBytes;
  /** Weights that are mapped from the file count here too: they fill RAM as they are read. */
  readonly ram: CategoryBytes;
}

/** Tells what a configuration takes. */
export interface MemoryOracle {
  /** `simulated`: llama.cpp's own arithmetic for the devices at hand; `analytic`: formulas, for any device. */
  readonly kind: 'simulated' | 'analytic';
  use(config: PlanConfig): MemoryUse;
}

export function totalBytes(bytes: CategoryBytes): number {
  return memoryCategories.reduce((sum, category) => sum + bytes[category], 0);
}
