import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

const mebibyte = 2 ** 20;
const blockBytes = 4 * mebibyte;
const mostBytes = 512 * mebibyte;
const mostMs = 1000;
const wasmPageBytes = 65_536;

/** As much of it as is needed: Node.js's types name none of its values. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};

/** How quickly the disk of a file gives it away, read from its beginning on. Measured. */
export interface DiskRate {
  bytesPerSecond: number;
  /** It went through the system's cache, which may have held some of it: the disk itself may be slower. */
  isUpperBound: boolean;
}

/**
 * Reads a file for at most a second, past the system's cache where Node.js has a flag for that (Linux, on most file
 * systems). Rejects with the signal's reason.
 * @returns undefined for a file that is short or cannot be read, and for one with holes: no disk is read for them
 */
export async function measureDisk(file: string, signal: AbortSignal): Promise<DiskRate | undefined> {
  // Absent in Node.js where the system has no such flag, whatever the types say.
  const direct = (constants as { O_DIRECT?: number }).O_DIRECT;
  const past = direct === undefined ? undefined : await timeReads(file, direct, signal);
  if (past !== undefined) return { bytesPerSecond: past, isUpperBound: false };
  const through = await timeReads(file, 0, signal);
  return through === undefined ? undefined : { bytesPerSecond: through, isUpperBound: true };
}

async function timeReads(file: string, flag: number, signal: AbortSignal): Promise<number | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, constants.O_RDONLY | flag);
    const { size, blocks } = await handle.stat();
    if (size < 2 * blockBytes || blocks * 512 < size / 2) return undefined;
    return await readBlocks(handle, signal);
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    await handle?.close();
  }
}

/** Bytes/s. */
async function readBlocks(handle: FileHandle, signal: AbortSignal): Promise<number | undefined> {
  // Past the cache, memory has to be aligned: WebAssembly's begins at a page, a Buffer anywhere.
  const pages = blockBytes / wasmPageBytes;
  const block = new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer);
  const started = performance.now();
  let read = 0;
  while (read < mostBytes && performance.now() - started < mostMs) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(block, 0, blockBytes, read);
    read += bytesRead;
    if (bytesRead < blockBytes) break;
  }
  const seconds = (performance.now() - started) / 1000;
  return read > 0 ? read / seconds : undefined;
}
