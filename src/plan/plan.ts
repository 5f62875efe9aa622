import type { Backend, PlanConfig } from '../protocol/engine';
import type { Machine } from './machine';
import type { MemoryOracle, MemoryUse } from './memory';
import type { ModelShape } from './shape';

/** A question to the solver. */
export interface PlanRequest {
  shape: ModelShape;
  machine: Machine;
  /** Tells the bytes of `shape` in any configuration. */
  oracle: MemoryOracle;
  /** Bytes that all of it may take in VRAM, the residual included; undefined: what is free. */
  vramBudgetBytes: number | undefined;
  /** Tokens; the solver takes less only where that many fit in no configuration. */
  contextWanted: number;
  /** What the person has decided; all else is solved. */
  pins: Partial<PlanConfig> & { threads?: number };
  /** A draft model for speculation, placed on the GPU as a whole. */
  draft?: ModelShape | undefined;
  /** A second model for completions, which has its place already. Bytes, all of it. */
  completion?: { vramBytes: number; ramBytes: number } | undefined;
  /** The request whose time is to be the shortest. */
  typical: TypicalRequest;
}

/** Tokens. */
export interface TypicalRequest {
  promptTokens: number;
  answerTokens: number;
}

/** tight: it fits, with little left. pagesFromDisk: part of the weights is read from the disk for every token. */
export type Verdict = 'fits' | 'tight' | 'pagesFromDisk' | 'doesNotFit';

/** Why the verdict is what it is; `src/plan/words.ts` makes one sentence of it. Bytes. */
export type VerdictReason =
  | { kind: 'whollyOnGpu'; vramLeftBytes: number }
  | { kind: 'partlyOnGpu'; gpuLayers: number; totalLayers: number; ramBytes: number }
  | { kind: 'cpuOnly'; ramBytes: number; why: 'noGpu' | 'pinned' | 'budget' }
  | { kind: 'littleRamLeft'; ramLeftBytes: number }
  | { kind: 'littleVramLeft'; vramLeftBytes: number }
  | { kind: 'weightsOverRam'; overBytes: number; secondsPerToken: number }
  | { kind: 'contextReduced'; contextSize: number; wanted: number }
  | { kind: 'overBudget'; neededBytes: number; budgetBytes: number }
  | { kind: 'overRam'; neededBytes: number; availableBytes: number }
  | { kind: 'cacheTensorTooLarge'; tensorBytes: number; limitBytes: number }
  | { kind: 'layersWithoutGpu'; gpuLayers: number; ramBytes: number }
  | { kind: 'cacheNeedsFlashAttention'; kvCacheType: PlanConfig['kvCacheType'] };

/**
 * Why short requests have no sequence of their own, and take turns with the conversation.
 * layers: that it would take off the GPU; slowdown: share of the typical request's time; bytes: of its KV cache.
 */
export type OneSequenceReason =
  { kind: 'layers'; layers: number } | { kind: 'time'; slowdown: number } | { kind: 'memory'; bytes: number };

/** tok/s, all estimated. */
export interface PlanRates {
  prefill: number;
  decode: number;
  /** With the context full. */
  prefillFull: number;
  decodeFull: number;
  /** Seconds of the typical request. */
  requestSeconds: number;
}

export interface Plan {
  config: PlanConfig;
  totalLayers: number;
  /** Of decode, where every token waits for the slowest one: one core fewer than there are. */
  threads: number;
  /** Of prefill, whose work splits well: all cores. */
  prefillThreads: number;
  /** Layers whose experts stay on the CPU; 0 while the embedded engine cannot place experts. */
  cpuExpertLayers: number;
  backend: Backend;
  use: MemoryUse;
  vramBudgetBytes: number;
  ramAvailableBytes: number;
  verdict: Verdict;
  reason: VerdictReason;
  rates: PlanRates;
  /** VRAM that one more layer would take, bytes; undefined where all are on the GPU or none can be. */
  nextLayerBytes: number | undefined;
  /** By how much that layer would exceed the budget, bytes; 0 where it would fit (a pin holds it back). */
  nextLayerOverBytes: number | undefined;
  /** undefined: there are two, or a pin decided. */
  oneSequence: OneSequenceReason | undefined;
  oracle: MemoryOracle['kind'];
}
