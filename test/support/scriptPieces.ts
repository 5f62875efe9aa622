/**
 * Cuts scripts into the pieces that become vocabulary entries, so that
 * - no piece occurs twice in all scripts: each has one predecessor,
 * - the tokenizer, which takes the longest entries first, cuts the same text into the same pieces: a second turn
 *   finds its first answer in the cache.
 */
export function cutScripts(texts: string[], taken: readonly string[]): string[][] {
  const boundaries = texts.map(wordStarts);
  for (;;) {
    const pieces = texts.map((text, index) => cutAt(text, boundaries[index] ?? new Set()));
    if (!mergeRepeated(pieces, taken, boundaries) && !mergeMisread(texts, pieces, taken, boundaries)) {
      return pieces;
    }
  }
}

/** Words with the white space before them. */
function wordStarts(text: string): Set<number> {
  const starts = new Set<number>();
  for (const match of text.matchAll(/\s*\S+/g)) starts.add(match.index);
  starts.delete(0);
  return starts;
}

function cutAt(text: string, boundaries: Set<number>): string[] {
  const ends = [...boundaries].sort((a, b) => a - b);
  return [...ends, text.length].map((end, index) => text.slice(index === 0 ? 0 : ends[index - 1], end));
}

/** Joins a piece that was seen before with the one after it, or, at the end, with the one before it. */
function mergeRepeated(pieces: string[][], taken: readonly string[], boundaries: Set<number>[]): boolean {
  const seen = new Set(taken);
  let merged = false;
  for (const [index, script] of pieces.entries()) {
    const own = boundaries[index] ?? new Set();
    let start = 0;
    let joined = false;
    for (const [at, piece] of script.entries()) {
      const end = start + piece.length;
      if (!joined && seen.has(piece)) {
        if (script.length === 1) throw new Error(`A script is a piece of another: ${piece}`);
        own.delete(at === script.length - 1 ? start : end);
        merged = joined = true;
      } else {
        seen.add(piece);
        joined = false;
      }
      start = end;
    }
  }
  return merged;
}

function mergeMisread(
  texts: string[],
  pieces: string[][],
  taken: readonly string[],
  boundaries: Set<number>[],
): boolean {
  const entries = [...taken, ...pieces.flat()].sort((a, b) => b.length - a.length);
  let merged = false;
  for (const [index, text] of texts.entries()) {
    const own = boundaries[index] ?? new Set();
    for (const { start, end } of partition(text, entries)) {
      for (const boundary of [...own]) {
        if (boundary > start && boundary < end) {
          own.delete(boundary);
          merged = true;
        }
      }
    }
  }
  return merged;
}

/** How llama.cpp's tokenizer finds user-defined entries in a text: each entry, the longest first, in what is left. */
export function partition(text: string, entries: string[]): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  const free = new Uint8Array(text.length).fill(1);
  for (const entry of entries) {
    for (let at = text.indexOf(entry); at >= 0; at = text.indexOf(entry, at)) {
      const end = at + entry.length;
      if (free.subarray(at, end).includes(0)) {
        at++;
        continue;
      }
      free.fill(0, at, end);
      found.push({ start: at, end });
      at = end;
    }
  }
  return found.sort((a, b) => a.start - b.start);
}
