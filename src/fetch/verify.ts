import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { FetchError } from './fetchError';

export interface Pinned {
  bytes: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

/** Holds a file to its pinned size and SHA-256. @throws FetchError `wrongContent` */
export async function verifyFile(file: string, pinned: Pinned, signal?: AbortSignal): Promise<void> {
  const { size } = await stat(file);
  if (size !== pinned.bytes) {
    throw new FetchError('wrongContent', `${size} bytes instead of ${pinned.bytes}`);
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, signal === undefined ? {} : { signal });
  const digest = hash.digest('hex');
  if (digest !== pinned.sha256) {
    throw new FetchError('wrongContent', `SHA-256 ${digest} instead of ${pinned.sha256}`);
  }
}

export async function isPinnedFile(file: string, pinned: Pinned, signal?: AbortSignal): Promise<boolean> {
  try {
    await verifyFile(file, pinned, signal);
    return true;
  } catch {
    return false;
  }
}
