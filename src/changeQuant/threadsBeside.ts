import { availableParallelism } from 'node:os';

/**
 * Threads to quantise with. A loaded model may answer meanwhile, and decode waits for the slowest of its threads: half
 * of the cores stay its own.
 */
export function threadsBeside(modelLoaded: boolean, cores = availableParallelism()): number {
  return modelLoaded ? Math.max(1, Math.floor(cores / 2)) : cores;
}
