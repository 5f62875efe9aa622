import { diffArrays } from 'diff';
import { parseLines, proposedLines } from './textLines';

/** One stretch of changed lines. Between two hunks stands at least one unchanged line. */
export interface Hunk {
  /** 0-based position in the list of hunks. In a review: its name for as long as the review lives. */
  readonly id: number;
  /** 0-based line of the original where the change begins. */
  readonly originalStart: number;
  /** Lines that go; none where lines are only added. */
  readonly originalLines: readonly string[];
  /** Lines that come; none where lines are only removed. */
  readonly proposedLines: readonly string[];
}

/** Beyond this many changed lines a line-by-line diff takes seconds and tells a reader nothing. */
const maxChangedLines = 2000;

/** The changes between two texts, in order. Line ends and a final line end are the original's, so never a change. */
export function diffHunks(original: string, proposed: string): Hunk[] {
  const before = parseLines(original).lines;
  const after = proposedLines(before, proposed);
  const changes = diffArrays([...before], after, { maxEditLength: maxChangedLines });
  if (changes === undefined) return [betweenEnds(before, after)];
  const hunks: Hunk[] = [];
  let line = 0;
  let removed: string[] = [];
  let added: string[] = [];
  const close = () => {
    if (removed.length + added.length === 0) return;
    hunks.push({
      id: hunks.length,
      originalStart: line - removed.length,
      originalLines: removed,
      proposedLines: added,
    });
    removed = [];
    added = [];
  };
  for (const change of changes) {
    if (change.added) {
      added.push(...change.value);
    } else if (change.removed) {
      removed.push(...change.value);
      line += change.value.length;
    } else {
      close();
      line += change.value.length;
    }
  }
  close();
  return hunks;
}

/** One hunk over all that lies between the common start and the common end. */
function betweenEnds(before: readonly string[], after: readonly string[]): Hunk {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const longest = Math.min(before.length, after.length) - start;
  while (end < longest && before.at(-1 - end) === after.at(-1 - end)) end++;
  return {
    id: 0,
    originalStart: start,
    originalLines: before.slice(start, before.length - end),
    proposedLines: after.slice(start, after.length - end),
  };
}
