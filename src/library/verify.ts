import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import * as path from 'node:path';
import { CancelledError } from '../errors';
import { readGgufHeader } from '../gguf/readHeader';
import type { LibraryEntry } from './entry';
import { knownHash, type KnownHash } from './knownHash';

export type Verification =
  /** Every byte is as it should be. */
  | { kind: 'same'; source: KnownHash['source'] }
  | { kind: 'different'; file: string; expected: string; actual: string }
  /** Nobody knows the hash: the header is sound and every tensor is inside the file. */
  | { kind: 'sound' };

/** Large enough to be quick, small enough that the editor's own work is not held up. */
const chunkBytes = 1024 * 1024;

/**
 * Compares a model with what is known of it. Reads all of it where a hash is known, else its header.
 * Rejects with `GgufError` for a file that is no good, and with `CancelledError` once `signal` is aborted.
 * @param report share done, 0 … 1
 */
export async function verifyModel(
  entry: LibraryEntry,
  report: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Verification> {
  await readGgufHeader(entry.path);
  const hashes = await Promise.all(entry.parts.map((_, part) => knownHash(entry, part)));
  const [first] = hashes;
  if (first === undefined || hashes.includes(undefined)) return { kind: 'sound' };
  let done = 0;
  for (const [part, file] of entry.parts.entries()) {
    const expected = hashes[part]?.sha256 ?? '';
    const actual = await hashOf(file, signal, (bytes) => {
      done += bytes;
      report(done / entry.sizeBytes);
    });
    if (actual !== expected) return { kind: 'different', file: path.basename(file), expected, actual };
  }
  return { kind: 'same', source: first.source };
}

async function hashOf(file: string, signal: AbortSignal, onBytes: (bytes: number) => void): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes, signal })) {
      hash.update(chunk as Buffer);
      onBytes((chunk as Buffer).length);
    }
  } catch (error) {
    throw signal.aborted ? new CancelledError() : error;
  }
  return hash.digest('hex');
}
