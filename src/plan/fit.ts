import type { PlanConfig } from '../protocol/engine';
import { checkpointBytes } from './checkpoints';
import { largestCacheTensor } from './kvCache';
import { totalBytes, type MemoryUse } from './memory';
import type { PlanRequest } from './plan';
import type { ModelShape } from './shape';

/** How a configuration stands to the limits of a request. Bytes. */
export interface Fit {
  config: PlanConfig;
  /** With the other models and the residual. */
  use: MemoryUse;
  vramBytes: number;
  ramBytes: number;
  /** RAM that cannot be read from the file again when it is needed. */
  heldRamBytes: number;
  /** By how much VRAM, or RAM that must be held, exceeds what there is; 0 where it fits. */
  overVramBytes: number;
  overRamBytes: number;
  /** By how much a layer's keys or values exceed what the GPU takes in one tensor: llama.cpp aborts on it. */
  overTensorBytes: number;
  /** Mapped weights for which no RAM is left: the disk is read for them, again and again. */
  pagedBytes: number;
}

/** VRAM that a plan may take: the budget, and never more than is free. 0 without a GPU. */
export function vramLimit(request: PlanRequest): number {
  const free = request.machine.gpu?.freeBytes ?? 0;
  return Math.min(request.vramBudgetBytes ?? free, free);
}

/** Infinity where any tensor will do. */
export function tensorLimit({ machine }: PlanRequest): number {
  return machine.gpu?.largestTensorBytes ?? Infinity;
}

export function fitOf(request: PlanRequest, config: PlanConfig): Fit {
  const { machine, shape } = request;
  const use = wholeUse(request, config);
  const vramBytes = totalBytes(use.vram);
  const ramBytes = totalBytes(use.ram);
  const weights = use.ram.weights + use.ram.experts;
  // Beside a GPU the CPU's weights stay mapped. On the CPU alone llama.cpp repacks most quants into memory of its own.
  const repacked = machine.gpu === undefined ? Math.min(weights, shape.repackedBytes) : 0;
  const heldRamBytes = ramBytes - (config.mmap ? weights - repacked : 0);
  const available = machine.ram.availableBytes;
  const overRamBytes = Math.max(0, heldRamBytes - available);
  return {
    config,
    use,
    vramBytes,
    ramBytes,
    heldRamBytes,
    overVramBytes: Math.max(0, vramBytes - vramLimit(request)),
    overRamBytes,
    overTensorBytes: overTensorLimit(request, config),
    pagedBytes: Math.max(0, ramBytes - available - overRamBytes),
  };
}

function overTensorLimit(request: PlanRequest, config: PlanConfig): number {
  const limit = tensorLimit(request);
  return limit === Infinity ? 0 : Math.max(0, largestCacheTensor(request.shape, config) - limit);
}

export function fits(fit: Fit): boolean {
  return fitsVram(fit) && fit.overRamBytes === 0;
}

export function fitsVram(fit: Fit): boolean {
  return fit.overVramBytes === 0 && fit.overTensorBytes === 0;
}

/** The oracle's bytes, with what is beside the model. */
function wholeUse(request: PlanRequest, config: PlanConfig): MemoryUse {
  const { machine, shape, draft, completion, oracle } = request;
  const { vram, ram } = oracle.use(config);
  const onGpu = machine.gpu !== undefined;
  const extra = draft === undefined ? { vram: 0, ram: 0 } : draftBytes(draft, config, onGpu);
  return {
    vram: {
      ...vram,
      draft: vram.draft + extra.vram,
      completion: completion?.vramBytes ?? 0,
      residual: onGpu ? machine.residual.bytes : 0,
    },
    ram: {
      ...ram,
      draft: ram.draft + extra.ram,
      completion: completion?.ramBytes ?? 0,
      checkpoints: checkpointBytes(shape.layers, config),
    },
  };
}

/** A draft model on the GPU as a whole, with an f16 cache of the same context and room for a batch's logits. */
function draftBytes(draft: ModelShape, config: PlanConfig, onGpu: boolean): { vram: number; ram: number } {
  const layers = draft.layers.reduce(
    (sum, layer) =>
      sum +
      layer.weightBytes +
      layer.expertBytes +
      config.sequences * (layer.stateBytes + 2 * (layer.keyValues + layer.valueValues) * config.contextSize),
    0,
  );
  const logits = 4 * draft.vocabularySize * config.batchSize;
  return onGpu
    ? { vram: layers + logits, ram: draft.inputBytes }
    : { vram: 0, ram: layers + logits + draft.inputBytes };
}
