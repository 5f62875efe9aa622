import { GgufError } from '../gguf/ggufError';
import { limits } from '../gguf/limits';
import { parseGgufTable, type GgufTable } from '../gguf/table';
import { requestRange, type RemoteStamp } from './rangeRequest';
import { RemoteError } from './remoteError';

/** Bytes asked for at once: the headers of models with 128k tokens end just below. */
const rangeBytes = 8 * 2 ** 20;
/** Bytes after which parsing is first tried; without a vocabulary a header is hardly longer. */
const firstTry = 64 * 1024;

export interface RemoteTable {
  stamp: RemoteStamp;
  table: GgufTable;
  /** The file's first bytes, the header at least. */
  bytes: Uint8Array;
}

/**
 * Reads the header of one GGUF file over HTTP: asks for the first bytes and leaves as soon as the header is whole.
 * @param isKnown asked before any byte is taken; what is known is not read again
 * @returns undefined for what is known
 * @throws RemoteError, GgufError, the signal's reason
 */
export async function readRemoteTable(
  url: string,
  isKnown: (stamp: RemoteStamp) => Promise<boolean>,
  signal: AbortSignal,
): Promise<RemoteTable | undefined> {
  const enough = new AbortController();
  const either = AbortSignal.any([enough.signal, signal]);
  try {
    const first = await requestRange(url, 0, rangeBytes, either);
    if (await isKnown(first.stamp)) return undefined;
    const header = new GrowingHeader(first.stamp);
    for (let range = first; ; range = await requestRange(url, header.length, rangeBytes, either)) {
      if (range.stamp.size !== first.stamp.size || range.stamp.etag !== first.stamp.etag) {
        throw new RemoteError('changed', new URL(url).pathname);
      }
      const before = header.length;
      for await (const chunk of range.chunks) {
        const table = header.add(chunk);
        if (table !== undefined) return { stamp: first.stamp, table, bytes: header.bytes };
      }
      if (header.length === before) throw new RemoteError('unreachable', 'the server sent no more bytes');
    }
  } finally {
    enough.abort();
  }
}

class GrowingHeader {
  private buffer = new Uint8Array(rangeBytes);
  private wanted = firstTry;
  length = 0;

  constructor(private readonly stamp: RemoteStamp) {}

  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  /** @returns the header once it is whole */
  add(chunk: Uint8Array): GgufTable | undefined {
    const { size } = this.stamp;
    const length = Math.min(this.length + chunk.length, size, limits.headerBytes);
    if (length > this.buffer.length) {
      const larger = new Uint8Array(Math.max(length, this.buffer.length + rangeBytes));
      larger.set(this.bytes);
      this.buffer = larger;
    }
    this.buffer.set(chunk.subarray(0, length - this.length), this.length);
    this.length = length;
    if (length < Math.min(this.wanted, size, limits.headerBytes)) return undefined;
    const result = parseGgufTable(this.bytes, size);
    if (result.kind === 'parsed') return result.value;
    if (length >= Math.min(size, limits.headerBytes)) {
      throw new GgufError('modelTruncated', `the file ends after ${length} bytes, inside its header`);
    }
    // Parsing begins anew each time: not after each piece.
    this.wanted = Math.max(result.atLeast, Math.ceil(length * 1.5));
    return undefined;
  }
}
