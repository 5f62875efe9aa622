import { freemem } from 'node:os';
import type { GgufHeader } from '../gguf/model';
import { repackedBytes } from '../plan/repacked';
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

/** Bytes that this process may still take: a container may have less than the machine. */
function availableBytes(): number {
  const limited: unknown = Reflect.get(process, 'availableMemory');
  const bytes: unknown = typeof limited === 'function' ? Reflect.apply(limited, process, []) : undefined;
  return typeof bytes === 'number' && bytes > 0 ? Math.min(bytes, freemem()) : freemem();
}

function gib(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
