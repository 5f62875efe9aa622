import { isBlank } from './textLines';

/** Where a change belongs in a file's present text. */
export type Place =
  | { kind: 'found'; line: number }
  /** The lines, or those around them, are no longer there. */
  | { kind: 'gone' }
  /** They are there more than once, and nothing tells which is meant. */
  | { kind: 'ambiguous' };

/** A stretch of lines in the text that the change was made for. */
export interface Stretch {
  /** 0-based. */
  readonly start: number;
  /** Number of lines that go; 0: lines are only added, before `start`. */
  readonly count: number;
}

/** Lines of context to ask for, most wanted first: larger ones tell equal passages apart, smaller ones forgive. */
const contextSizes = [3, 5, 8, 13, 21, 2, 1];

/**
 * Finds the place of a stretch of `base` in `current` by its content. Certain, or nothing: lines and context must be
 * unique in both texts. Unique in the present text alone is not enough, since the right one of two equal passages
 * may have been deleted.
 */
export function locate(base: readonly string[], stretch: Stretch, current: readonly string[]): Place {
  if (equal(base, current)) return { kind: 'found', line: stretch.start };
  const end = stretch.start + stretch.count;
  let seenTwice = false;
  for (const size of contextSizes) {
    const from = Math.max(0, stretch.start - size);
    const signature = base.slice(from, Math.min(base.length, end + size));
    if (!tellsEnough(signature, base.slice(stretch.start, end))) continue;
    const here = occurrences(current, signature);
    const first = here[0];
    if (first === undefined) continue;
    if (occurrences(base, signature).length > 1) {
      seenTwice = true;
      continue;
    }
    // Copied meanwhile: whatever lies further away may tell the copies apart, but not which of them is meant.
    if (here.length > 1) return { kind: 'ambiguous' };
    return { kind: 'found', line: first + stretch.start - from };
  }
  return { kind: seenTwice ? 'ambiguous' : 'gone' };
}

/** Brackets and blank lines are everywhere; lines with words in them make a place recognisable. */
function tellsEnough(signature: readonly string[], removed: readonly string[]): boolean {
  return removed.some(hasWord) || signature.filter(hasWord).length >= 2;
}

function hasWord(line: string): boolean {
  return !isBlank(line) && /[\p{L}\p{N}]/u.test(line);
}

function occurrences(lines: readonly string[], signature: readonly string[]): number[] {
  const found: number[] = [];
  for (let start = 0; start + signature.length <= lines.length; start++) {
    if (signature.every((line, index) => lines[start + index] === line)) found.push(start);
  }
  return found;
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}
