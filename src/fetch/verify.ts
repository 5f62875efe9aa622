import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { FetchError } from './fetchError';

export interface Pinned {
  bytes: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

/**
 * Holds a file to its pinned size and SHA-256.
 * @param onProgress told the bytes that were read
 * @throws FetchError `wrongContent`
 */
export async function verifyFile(
  file: string,
  pinned: Pinned,
  signal?: AbortSignal,
  onProgress?: (done: number) => void,
): Promise<void> {
  const { size } = await stat(file);
  if (size !== pinned.bytes) {
    throw new FetchError('wrongContent', `${size} bytes instead of ${pinned.bytes}`);
  }
  const hash = createHash('sha256');
  let done = 0;
  const stream = createReadStream(file, { highWaterMark: 2 ** 20, ...(signal && { signal }) });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    done += chunk.length;
    onProgress?.(done);
  }
  const digest = hash.digest('hex');
  if (digest !== pinned.sha256) {
    throw new FetchError('wrongContent', `SHA-256 ${digest} instead of ${pinned.sha256}`);
  }
}

export async function isPinnedFile(
  file: string,
  pinned: Pinned,
  signal?: AbortSignal,
  onProgress?: (done: number) => void,
): Promise<boolean> {
  try {
    await verifyFile(file, pinned, signal, onProgress);
    return true;
  } catch {
    return false;
  }
}
