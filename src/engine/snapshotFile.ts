import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as v from 'valibot';

/** Where a conversation's last turn begins, and where its answer does. */
export const boundaries = ['turn', 'answer'] as const;
export type Boundary = (typeof boundaries)[number];

/** What is known of a saved state without reading it. */
export interface SnapshotEntry {
  /** Name of its files in the folder, without an ending. */
  id: string;
  /** Of the state's file. */
  bytes: number;
  sha256: string;
  /** The tokens whose state it is. */
  tokens: Uint32Array;
  /** Absent: the beginning that several conversations share. */
  conversation?: string;
  /** Of the conversation up to there; absent: of all of it. */
  boundary?: Boundary;
  /** ms since 1970. */
  usedAt: number;
}

const formatVersion = 2;

const schema = v.object({
  version: v.literal(formatVersion),
  bytes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  tokens: v.pipe(v.string(), v.base64()),
  conversation: v.optional(v.string()),
  boundary: v.optional(v.picklist(boundaries)),
  usedAt: v.number(),
});

export function serializeEntry(entry: SnapshotEntry): string {
  const { buffer, byteOffset, byteLength } = entry.tokens;
  const tokens = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  return JSON.stringify({ ...entry, id: undefined, version: formatVersion, tokens });
}

/** undefined where the text is no entry of ours. */
export function parseEntry(id: string, text: string): SnapshotEntry | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(schema, data);
  if (!parsed.success) return undefined;
  const { bytes, sha256, conversation, boundary, usedAt } = parsed.output;
  const encoded = Buffer.from(parsed.output.tokens, 'base64');
  if (encoded.length % 4 !== 0) return undefined;
  const tokens = new Uint32Array(new Uint8Array(encoded).buffer);
  return {
    ...{ id, bytes, sha256, tokens, usedAt },
    ...(conversation !== undefined && { conversation }),
    ...(boundary !== undefined && { boundary }),
  };
}

/** How much is hashed before others get their turn, bytes. */
const sliceBytes = 16 * 1024 * 1024;

/** The SHA-256 of a file, as hexadecimal digits. Reads in this thread: the pool's only one belongs to decoding. */
export async function hashFile(
  path: string,
  onHashed: (bytes: number) => void = () => undefined,
): Promise<string> {
  const hash = createHash('sha256');
  const slice = Buffer.allocUnsafe(sliceBytes);
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const read = readSync(file, slice, 0, sliceBytes, null);
      if (read === 0) return hash.digest('hex');
      hash.update(slice.subarray(0, read));
      onHashed(read);
      await nextTurn();
    }
  } finally {
    closeSync(file);
  }
}

/** Whether a file is the one that an entry was made of: llama.cpp aborts the process on a truncated one. */
export async function isIntact(path: string, { bytes, sha256 }: SnapshotEntry): Promise<boolean> {
  try {
    if ((await stat(path)).size !== bytes) return false;
    return (await hashFile(path)) === sha256;
  } catch {
    return false;
  }
}
