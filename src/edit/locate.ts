import { hasWord } from './textLines';

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

/** Lines of context on each side, growing until they tell equal passages apart. */
const contextSizes = [1, 2, 3, 5, 8, 13, 21];

/**
 * Finds the place of a stretch of `base` in `current` by its content. Certain, or nothing: lines and context must be
 * unique in both texts. Unique in the present text alone is not enough, since the right one of two equal passages
 * may have been deleted.
 */
export function locate(base: readonly string[], stretch: Stretch, current: readonly string[]): Place {
  if (equal(base, current)) return { kind: 'found', line: stretch.start };
  const end = stretch.start + stretch.count;
  const removed = base.slice(stretch.start, end);
  let wordsSoFar = -1;
  let seenTwice = false;
  for (const size of contextSizes) {
    const from = Math.max(0, stretch.start - size);
    const signature = base.slice(from, end + size);
    const words = signature.filter(hasWord).length;
    // Only lines with words make a place recognisable: more brackets and blank lines tell nothing apart.
    if (words === wordsSoFar || !(removed.some(hasWord) || words >= 2)) continue;
    wordsSoFar = words;
    const here = occurrences(current, signature);
    const first = here[0];
    if (first === undefined) break;
    if (here.length === 1 && occurrences(base, signature).length === 1) {
      return { kind: 'found', line: first + stretch.start - from };
    }
    seenTwice = true;
  }
  return { kind: seenTwice ? 'ambiguous' : 'gone' };
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
