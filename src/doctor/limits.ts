import { heldMemory } from '../models/heldMemory';
import type { LoadedModel } from '../protocol/engine';
import { formatRate } from '../status/format';
import type { Watched } from './watch';

/** tok/s below which an answer is too slow to be of use. */
export const tooSlow = 0.5;

/** Bytes of swap traffic in an answer that other programs do not cause in passing. */
export const swappingBytes = 64 * 2 ** 20;

/** Pages for each token: a model in memory faults for none; one that pages from the disk for thousands. */
const faultsPerToken = 8;

export function heavyFaults({ answer, counted }: Watched): boolean {
  const tokens = answer.promptTokens + answer.outputTokens;
  return (counted.majorFaults ?? 0) > faultsPerToken * Math.max(1, tokens);
}

export function heavySwap({ counted }: Watched): boolean {
  return (counted.swapInBytes ?? 0) + (counted.swapOutBytes ?? 0) >= swappingBytes;
}

/**
 * Bytes of the model's VRAM that Windows holds in system memory instead: what the process has on the card less than
 * what llama.cpp allocated there. undefined: not told. What the driver adds of its own only hides a little of it.
 */
export function spilledBytes(
  { processVram }: Watched,
  model: Pick<LoadedModel, 'memory' | 'completion'> | undefined,
): number | undefined {
  if (processVram === undefined || model === undefined) return undefined;
  const { vramBytes } = heldMemory(model);
  const missing = Math.min(vramBytes - processVram.dedicatedBytes, processVram.sharedBytes);
  // Counters are rounded, and read a moment apart.
  return missing > vramBytes * 0.02 ? missing : 0;
}

/** As the status bar does, with another digit where a model is very slow: "0.31 tok/s". */
export function formatTokens(tokensPerSecond: number): string {
  return tokensPerSecond < 1 ? `${tokensPerSecond.toFixed(2)} tok/s` : formatRate(tokensPerSecond);
}
