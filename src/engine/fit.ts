import { freemem } from 'node:os';
import type { GgufHeader } from '../gguf/model';
import { largestCacheTensor } from '../plan/kvCache';
import { repackedBytes } from '../plan/repacked';
import { shapeOf } from '../plan/shapeOf';
import type { PlanConfig } from '../protocol/engine';
import { problem } from './failure';

/**
 * Refuses a model that cannot fit into RAM: on the CPU alone llama.cpp copies most quantised weights into memory of
 * its own, mapped or not, and fails with a bare "Failed to load model" after minutes of reading.
 */
export function checkFit(header: GgufHeader, options: { onCpuAlone: boolean; mmap: boolean }): void {
  if (!options.onCpuAlone) return;
  const needed = options.mmap ? repackedBytes(header) : header.tensorBytes;
  const available = availableBytes();
  if (needed <= available) return;
  throw problem('doesNotFit', `the weights need ${gib(needed)} of RAM, ${gib(available)} are free`);
}

/**
 * Refuses a configuration on which llama.cpp aborts, simulated or loaded: the cache of a layer on the GPU cannot be
 * moved off it, and keys or values of a layer are one tensor.
 * @param limit of one tensor there, bytes; undefined: any size will do
 */
export function checkCache(header: GgufHeader, config: PlanConfig, limit: number | undefined): void {
  if (limit === undefined) return;
  const needed = largestCacheTensor(shapeOf(header), config);
  if (needed <= limit) return;
  const mib = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  throw problem(
    'doesNotFit',
    `the context of one layer needs ${mib(needed)} in one piece, and the GPU takes ${mib(limit)} at most`,
  );
}

/** Bytes that this process may still take: a container may have less than the machine. */
function availableBytes(): number {
  const limited: unknown = Reflect.get(process, 'availableMemory');
  const bytes: unknown = typeof limited === 'function' ? Reflect.apply(limited, process, []) : undefined;
  return typeof bytes === 'number' && bytes > 0 ? Math.min(bytes, freemem()) : freemem();
}

function gib(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
