import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Candidate } from './candidates';

/** Copies of one model, the one to use first. */
export type Folded = readonly [Candidate, ...Candidate[]];

/** Bytes that are compared at each of some points of files of one size. */
const sampleBytes = 64 * 1024;
const samples = 5;

/**
 * Each model once: names of the same file, and files of the same size that begin, end and are between as the other
 * does. Candidates come in the order of preference.
 */
export async function foldCopies(candidates: readonly Candidate[]): Promise<Folded[]> {
  const byFile = group(candidates, ({ parts }) => parts.map(({ id }) => id).join(' '));
  const bySize = group(byFile, ([first]) => `${first.partCount} ${sizeOf(first)}`);
  const folded: Folded[] = [];
  for (const alike of bySize) {
    const keys = alike.length === 1 ? [''] : await Promise.all(alike.map(([first]) => fingerprint(first)));
    const indices = group([...alike.keys()], (index) => keys[index] ?? '');
    for (const same of indices) {
      const [first, ...others] = same.flatMap((index) => alike[index] ?? []);
      if (first !== undefined) folded.push([first, ...others]);
    }
  }
  return folded;
}

export function sizeOf({ parts }: Candidate): number {
  return parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Of points all over the parts: the header is most of the first, and weights tell finetunes apart. */
async function fingerprint({ parts, path }: Candidate): Promise<string> {
  const hash = createHash('sha256');
  try {
    for (const { path: file, sizeBytes } of parts) {
      const handle = await open(file, 'r');
      try {
        const last = Math.max(0, sizeBytes - sampleBytes);
        for (let point = 0; point < samples; point++) {
          const start = Math.floor((last * point) / (samples - 1));
          const { buffer, bytesRead } = await handle.read(Buffer.alloc(sampleBytes), 0, sampleBytes, start);
          hash.update(buffer.subarray(0, bytesRead));
        }
      } finally {
        await handle.close();
      }
    }
    return hash.digest('hex');
  } catch {
    // What cannot be read is like nothing else.
    return path;
  }
}

function group<Item>(items: readonly Item[], key: (item: Item) => string): [Item, ...Item[]][] {
  const groups = new Map<string, [Item, ...Item[]]>();
  for (const item of items) {
    const name = key(item);
    const known = groups.get(name);
    if (known === undefined) groups.set(name, [item]);
    else known.push(item);
  }
  return [...groups.values()];
}
