import { closeSync, openSync, readSync } from 'node:fs';
import { Cursor } from './cursor';
import { limits } from './limits';
import type { GgufHeader } from './model';
import { readValue } from './values';

/** An entry of a header with its key, as it stands in the file. */
export interface RawEntry {
  key: string;
  entry: Uint8Array;
}

/**
 * The entries of a file's header, of the first part's of a split model. Reads synchronously: a thread pool that
 * decodes has no turn for it.
 * @param header of the file, as it was read and checked
 */
export function rawEntries(file: string, { fileSize, dataOffset }: GgufHeader): RawEntry[] {
  const bytes = firstBytes(file, dataOffset);
  const cursor = new Cursor(bytes, fileSize);
  // Magic, version and the number of tensors.
  cursor.take(16);
  return Array.from({ length: cursor.count() }, () => {
    const start = cursor.position;
    const key = cursor.string(limits.keyBytes, 'a key');
    readValue(cursor, key);
    return { key, entry: bytes.subarray(start, cursor.position) };
  });
}

function firstBytes(file: string, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  const handle = openSync(file, 'r');
  try {
    let filled = 0;
    let read = -1;
    while (filled < length && read !== 0) {
      read = readSync(handle, bytes, filled, length - filled, filled);
      filled += read;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(handle);
  }
}
