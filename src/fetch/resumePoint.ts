import { open, type FileHandle } from 'node:fs/promises';
import * as v from 'valibot';

/** As ipull keeps it behind the file's bytes; a piece is 0 (not begun), 1 (begun) or 2 (done). */
const progress = v.looseObject({ chunks: v.array(v.picklist([0, 1, 2])) });
type Progress = v.InferOutput<typeof progress>;

/**
 * Has the last piece of each run in an unfinished file fetched again: ipull notes a piece as done when its writing has
 * begun, so that a process that was killed may have left a hole there.
 * @param file one that ends in `.ipull`; nothing happens where it is not there or says nothing
 * @param bytes of the whole file
 */
export async function distrustLastPieces(file: string, bytes: number): Promise<void> {
  await withProgress(file, bytes, async (handle, noted) => {
    const { chunks } = noted;
    const trusted = chunks.map((state, i) => (state === 2 && chunks[i + 1] !== 2 ? 0 : state));
    // One digit for another: the length stays.
    await handle.write(JSON.stringify({ ...noted, chunks: trusted }), bytes);
  });
}

/**
 * Takes away what ipull noted behind the bytes of a file that is complete: a note that was on its way when it cut the
 * file to its size comes after that.
 */
export async function cutProgress(file: string, bytes: number): Promise<void> {
  await withProgress(file, bytes, (handle) => handle.truncate(bytes));
}

async function withProgress(
  file: string,
  bytes: number,
  use: (handle: FileHandle, noted: Progress) => Promise<unknown>,
): Promise<void> {
  const handle = await open(file, 'r+').catch(() => undefined);
  if (handle === undefined) return;
  try {
    const { size } = await handle.stat();
    if (size <= bytes) return;
    const { buffer } = await handle.read(Buffer.alloc(size - bytes), 0, size - bytes, bytes);
    const parsed = v.safeParse(progress, parseJson(buffer.toString('utf8')));
    if (parsed.success) await use(handle, parsed.output);
  } finally {
    await handle.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
