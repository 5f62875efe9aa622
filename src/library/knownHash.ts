import { readFile, realpath } from 'node:fs/promises';
import * as path from 'node:path';
import { hashFileOf, parseHashFile } from '../protocol/hashFile';
import type { LibraryEntry } from './entry';

/** SHA-256 of a part, and who says so. */
export interface KnownHash {
  /** Lower-case hexadecimal. */
  sha256: string;
  source: 'download' | 'ollama' | 'huggingFace';
}

/**
 * What is known of a part's content: by the file that a download left beside it, or by the name of its blob, which is
 * its hash in Ollama's folder and, for files of Git LFS, in Hugging Face's cache. All copies are asked.
 * @param part number of the part, from 0
 */
export async function knownHash({ copies }: LibraryEntry, part: number): Promise<KnownHash | undefined> {
  for (const { parts } of copies) {
    const file = parts[part];
    if (file === undefined) continue;
    const beside = parseHashFile(await readFile(hashFileOf(file), 'utf8').catch(() => ''));
    if (beside !== undefined) return { sha256: beside, source: 'download' };
    const blob = path.basename(await realpath(file).catch(() => file));
    const ollama = /^sha256[:-]([0-9a-f]{64})$/i.exec(blob)?.[1];
    if (ollama !== undefined) return { sha256: ollama.toLowerCase(), source: 'ollama' };
    // Files outside of Git LFS are named by Git's own hash, which is shorter.
    if (/^[0-9a-f]{64}$/i.test(blob)) return { sha256: blob.toLowerCase(), source: 'huggingFace' };
  }
  return undefined;
}
