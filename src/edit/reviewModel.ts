import { diffHunks, type Hunk } from './hunks';
import type { LineEdit } from './lineEdit';
import { locate, type Place } from './locate';
import { joinLines, parseLines } from './textLines';

export type HunkState = 'pending' | 'accepted' | 'rejected';

/** Lines `[start, end)` of the review's text, 0-based. */
export interface LineSpan {
  readonly start: number;
  readonly end: number;
}

/** Where one hunk that waits for a decision stands in the review's text. */
export interface RenderedHunk {
  readonly id: number;
  readonly removed: LineSpan;
  readonly added: LineSpan;
}

export interface RenderedReview {
  /** Unchanged, removed and added lines. Lines end in `\n`. */
  readonly text: string;
  readonly hunks: readonly RenderedHunk[];
}

/** What accepting hunks does to the file as it is now. */
export interface Acceptance {
  readonly edits: readonly { readonly id: number; readonly edit: LineEdit }[];
  readonly refused: readonly { readonly id: number; readonly why: 'gone' | 'ambiguous' }[];
}

/** The state of one review: which hunks there are and what was decided on each. Knows nothing of the editor. */
export class ReviewModel {
  private readonly original: readonly string[];
  private readonly states = new Map<number, HunkState>();
  private all: readonly Hunk[] = [];
  private nextId = 0;

  constructor(
    private readonly originalText: string,
    proposed: string,
  ) {
    this.original = parseLines(originalText).lines;
    this.propose(proposed);
  }

  get hunks(): readonly Hunk[] {
    return this.all;
  }

  /** Hunks that wait for a decision, in order. */
  get pending(): readonly Hunk[] {
    return this.all.filter(({ id }) => this.states.get(id) === 'pending');
  }

  /**
   * Takes another proposal for the same text: an answer that has grown. What was accepted stays so, and of a hunk that
   * goes on behind it only the rest is new; what was rejected and comes again stays rejected.
   */
  propose(proposed: string): void {
    const accepted = this.all.filter(({ id }) => this.states.get(id) === 'accepted');
    const fresh = diffHunks(this.originalText, proposed).flatMap((hunk) => {
      const same = this.all.find((own) => sameHunk(own, hunk));
      if (same !== undefined) return accepted.includes(same) ? [] : [same];
      const rest = accepted.reduce<Hunk | undefined>((left, own) => left && restOf(left, own), hunk);
      if (rest === undefined) return [];
      const known = this.all.find((own) => sameHunk(own, rest));
      return [known ?? { ...rest, id: this.nextId++ }];
    });
    this.all = [...accepted, ...fresh].sort(
      (a, b) => a.originalStart - b.originalStart || a.originalLines.length - b.originalLines.length,
    );
    for (const { id } of fresh) if (!this.states.has(id)) this.states.set(id, 'pending');
  }

  stateOf(id: number): HunkState | undefined {
    return this.states.get(id);
  }

  /** Decides on a hunk. A decision is final. */
  decide(id: number, state: 'accepted' | 'rejected'): void {
    if (this.states.get(id) === 'pending') this.states.set(id, state);
  }

  /** The file's lines as they would be if only accepted hunks had changed it. */
  expectedLines(): string[] {
    return this.pieces((hunk) => (this.states.get(hunk.id) === 'accepted' ? 'proposed' : 'original')).lines;
  }

  /** The file's lines as they will be if all that waits is accepted too. */
  proposedLines(): string[] {
    return this.pieces((hunk) => (this.states.get(hunk.id) === 'rejected' ? 'original' : 'proposed')).lines;
  }

  /** Finds the places of pending hunks in the file's present text. Decides nothing. */
  accept(ids: readonly number[], currentText: string): Acceptance {
    const { lines, starts } = this.pieces((hunk) =>
      this.states.get(hunk.id) === 'accepted' ? 'proposed' : 'original',
    );
    const current = parseLines(currentText).lines;
    const edits: { id: number; edit: LineEdit }[] = [];
    const refused: { id: number; why: 'gone' | 'ambiguous' }[] = [];
    // Hunks that moved past each other have not been found for certain.
    let free = 0;
    for (const hunk of this.pending) {
      if (!ids.includes(hunk.id)) continue;
      const count = hunk.originalLines.length;
      const place: Place = locate(lines, { start: starts[hunk.id] ?? 0, count }, current);
      if (place.kind !== 'found') refused.push({ id: hunk.id, why: place.kind });
      else if (place.line < free) refused.push({ id: hunk.id, why: 'ambiguous' });
      else {
        edits.push({ id: hunk.id, edit: { start: place.line, count, lines: hunk.proposedLines } });
        free = place.line + count;
      }
    }
    return { edits, refused };
  }

  /** The text of the review and where its pending hunks stand. */
  render(): RenderedReview {
    const { lines, starts } = this.pieces((hunk) => {
      const state = this.states.get(hunk.id);
      return state === 'pending' ? 'both' : state === 'accepted' ? 'proposed' : 'original';
    });
    const hunks = this.pending.map(({ id, originalLines, proposedLines }) => {
      const start = starts[id] ?? 0;
      const middle = start + originalLines.length;
      return {
        id,
        removed: { start, end: middle },
        added: { start: middle, end: middle + proposedLines.length },
      };
    });
    return { text: joinLines({ lines, eol: '\n' }), hunks };
  }

  /** The original with each hunk shown one way, and the line on which each then starts. */
  private pieces(show: (hunk: Hunk) => 'original' | 'proposed' | 'both'): {
    lines: string[];
    starts: number[];
  } {
    const lines: string[] = [];
    const starts: number[] = [];
    let next = 0;
    for (const hunk of this.hunks) {
      lines.push(...this.original.slice(next, hunk.originalStart));
      starts[hunk.id] = lines.length;
      const how = show(hunk);
      if (how !== 'proposed') lines.push(...hunk.originalLines);
      if (how !== 'original') lines.push(...hunk.proposedLines);
      next = hunk.originalStart + hunk.originalLines.length;
    }
    lines.push(...this.original.slice(next));
    return { lines, starts };
  }
}

function sameHunk(a: Hunk, b: Hunk): boolean {
  return (
    a.originalStart === b.originalStart &&
    equalLines(a.originalLines, b.originalLines) &&
    equalLines(a.proposedLines, b.proposedLines)
  );
}

/** What a hunk changes beyond an accepted one; undefined where it changes otherwise what was accepted. */
function restOf(hunk: Hunk, accepted: Hunk): Hunk | undefined {
  const { originalStart, originalLines, proposedLines } = hunk;
  const end = originalStart + originalLines.length;
  const acceptedEnd = accepted.originalStart + accepted.originalLines.length;
  if (end < accepted.originalStart || acceptedEnd < originalStart) return hunk;
  const touches = end === accepted.originalStart || acceptedEnd === originalStart;
  if (touches && originalLines.length > 0 && accepted.originalLines.length > 0) return hunk;
  const count = accepted.proposedLines.length;
  const goesOn =
    originalStart === accepted.originalStart &&
    originalLines.length >= accepted.originalLines.length &&
    equalLines(proposedLines.slice(0, count), accepted.proposedLines);
  if (!goesOn) return undefined;
  return {
    ...hunk,
    originalStart: acceptedEnd,
    originalLines: originalLines.slice(accepted.originalLines.length),
    proposedLines: proposedLines.slice(count),
  };
}

function equalLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}
