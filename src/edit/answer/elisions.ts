import { isLeftOutMark } from '../../context/leftOutMark';
import { blockEnd } from '../declarations';
import { indentColumns } from '../indentation';
import { hasWord, indentOf, isBlank } from '../textLines';
import { isVersionOf } from './likeness';
import { squeezed } from './passages';

const dots = /^(?:\.{3,}|…)$/;
const dotsAndWords = /^(?:\.{3,}|…)\s+\S.*$|^\S.*\s(?:\.{3,}|…)$/;
const words =
  /^\W*(?:(?:the\s+)?(?:rest|remainder)\s+of\b|(?:existing|unchanged|previous|remaining|same|other|keep|all other|no changes?)\b.*\b(?:code|methods?|functions?|imports?|lines?|content|implementation|logic|unchanged|above|before|here|file|class|body|rules|sections?|fields|tests?)\b)|\b(?:remains?|stays?|is|are)\s+(?:unchanged|the same|as (?:it is|they are|before))\b/i;
const inline = /[{(:]\s*(?:\/\*|\/\/|#)?\s*(?:\.{3}|…)(?:\s[^)}]*)?(?:\*\/)?\s*[})]?\s*(?:[;,]|$)/;

/**
 * Whether a line stands for lines that the model left out: `// ... existing code ...`. Never one that the file itself
 * has.
 */
export function isElision(line: string, own: ReadonlySet<string>): boolean {
  if (own.has(squeezed(line))) return false;
  if (isLeftOutMark(line)) return true;
  const text = line.trim();
  const comment = /^(?:\/\/+|#+|--|\/\*+|<!--|\{\/\*|\*|;+|%)\s*(.*?)\s*(?:\*\/\}?|-->)?$/.exec(text)?.[1];
  if (comment === undefined)
    return dots.test(text) || (/^(?:\.{3,}|…)\s+\S/.test(text) && !/[;{=]/.test(text));
  return (
    dots.test(comment) || dotsAndWords.test(comment) || /^(?:\.{3}|…)/.test(comment) || words.test(comment)
  );
}

/** Whether a line leaves something out within itself: `function a() { ... }`. */
export function elidesWithin(line: string, own: ReadonlySet<string>): boolean {
  return (
    !own.has(squeezed(line)) &&
    /(?:\.{3}|…)/.test(line) &&
    inline.test(line) &&
    !/(?:\.{3})[\w[({"'`$]/.test(line)
  );
}

/** A line of the code, or one of the region that was left out. */
export type Piece = { readonly code: number } | { readonly region: number };

interface Chunk {
  readonly start: number;
  readonly end: number;
  /** Columns of the elision before it and of the one after it. */
  readonly before: number;
  readonly after: number;
}

/** A place in the region, and how many lines of the chunk are new between it and the elision. */
interface Anchor {
  readonly line: number;
  readonly added: number;
}

/**
 * Puts the lines that a model left out back: each elision stands for what lies between the places of the code before
 * it and after it. Undefined where one of these is not certain.
 * @param region the lines that the code is a new version of
 * @param openStart whether the code may begin within the region, and `openEnd` whether it may end there
 */
export function expandElisions(
  region: readonly string[],
  code: readonly string[],
  elided: readonly number[],
  { openStart, openEnd }: { openStart: boolean; openEnd: boolean },
): Piece[] | undefined {
  return new Expansion(region, code).run(chunksOf(code, elided), openStart, openEnd);
}

class Expansion {
  private readonly own: readonly string[];
  private readonly text: readonly string[];
  private readonly pieces: Piece[] = [];
  /** The region's next line that nothing stands for yet. */
  private next = 0;

  constructor(
    private readonly region: readonly string[],
    private readonly code: readonly string[],
  ) {
    this.own = region.map(squeezed);
    this.text = code.map(squeezed);
  }

  run(chunks: readonly Chunk[], openStart: boolean, openEnd: boolean): Piece[] | undefined {
    for (const [index, chunk] of chunks.entries()) {
      const isFirst = index === 0;
      const isLast = index === chunks.length - 1;
      const bare = this.withoutOuterBlanks(chunk);
      if (bare === undefined) {
        // Only a chunk before the first or behind the last elision may be empty.
        if (!isFirst && !isLast) return undefined;
        if (isLast) this.keep(this.own.length);
        continue;
      }
      if (!(isFirst && !openStart) && !this.begin(bare, isLast && !openEnd)) return undefined;
      const following = isLast ? undefined : chunks[index + 1];
      if (isLast && !openEnd) this.next = this.own.length;
      else if (!this.end(bare, isFirst && !openStart, following)) return undefined;
      this.add(chunk, bare);
    }
    if (openEnd) this.keep(this.own.length);
    return this.pieces;
  }

  private keep(end: number): void {
    for (; this.next < end; this.next++) this.pieces.push({ region: this.next });
  }

  private begin(chunk: Chunk, reachesEnd: boolean): boolean {
    const anchor = this.startOf(chunk, reachesEnd ? this.tailOf(chunk) : 0);
    if (anchor === undefined || anchor.line < this.next) return false;
    const added = this.code.slice(chunk.start, chunk.start + anchor.added);
    if (isVersionOfAny(added, this.region.slice(this.next, anchor.line))) return false;
    this.keep(anchor.line);
    return true;
  }

  private end(chunk: Chunk, atStart: boolean, following: Chunk | undefined): boolean {
    const anchor = this.endOf(chunk, atStart);
    if (anchor === undefined || anchor.line < this.next) return false;
    this.next = anchor.line;
    const added = this.code.slice(chunk.end - anchor.added, chunk.end);
    const bare = following && this.withoutOuterBlanks(following);
    const until = bare === undefined ? undefined : this.startOf(bare, 0)?.line;
    return !isVersionOfAny(added, this.region.slice(anchor.line, until ?? this.own.length));
  }

  private add(chunk: Chunk, bare: Chunk): void {
    for (let line = chunk.start; line < chunk.end; line++) {
      const outer = line < bare.start || line >= bare.end;
      // One blank line parts new code from what was left out.
      const last = this.pieces.at(-1);
      const afterBlank = last !== undefined && 'region' in last && isBlank(this.region[last.region] ?? '');
      const doubled = line < bare.start ? afterBlank : isBlank(this.region[this.next] ?? '');
      if (!outer || !doubled) this.pieces.push({ code: line });
    }
  }

  private withoutOuterBlanks(chunk: Chunk): Chunk | undefined {
    let { start, end } = chunk;
    while (start < end && this.text[start] === '') start++;
    while (end > start && this.text[end - 1] === '') end--;
    return start === end ? undefined : { ...chunk, start, end };
  }

  /** How many lines at a chunk's end are the region's end, other than what closes the chunk's own blocks. */
  private tailOf({ start, end, before }: Chunk): number {
    let equal = 0;
    while (
      equal < end - start &&
      this.own.length - equal > this.next &&
      this.own.at(-1 - equal) === this.text[end - 1 - equal]
    ) {
      equal++;
    }
    if (equal === end - start) return equal;
    let count = 0;
    while (count < equal && columnsOf(this.code[end - 1 - count]) < before) count++;
    return count;
  }

  /** Where a chunk that follows an elision begins in the region. */
  private startOf({ start, end, before }: Chunk, tail: number): Anchor | undefined {
    const front = end - tail;
    if (front <= start) return { line: this.own.length - tail, added: 0 };
    for (const line of this.linesAt(start, front, before)) {
      const found = this.find(line, 1, front);
      if (found === 'many') return undefined;
      if (found !== undefined) return { line: found, added: line - start };
    }
    return tail > 0 ? { line: this.own.length - tail, added: front - start } : undefined;
  }

  /** Behind which line of the region a chunk before an elision ends. */
  private endOf({ start, end, after }: Chunk, atStart: boolean): Anchor | undefined {
    const text = this.text.slice(start, end);
    if (atStart && text.every((line, index) => this.own[index] === line))
      return { line: end - start, added: 0 };
    for (const line of this.linesAt(start, end, after).reverse()) {
      const found = this.find(line, -1, start);
      if (found === 'many') return undefined;
      if (found === undefined) continue;
      const codeEnd = blockEnd(this.code.slice(0, end), line);
      const deeper = this.code.slice(line + 1, codeEnd + 1).some((each) => columnsOf(each) > after);
      const isBlock = deeper && columnsOf(this.code[line]) <= after;
      const last = isBlock ? blockEnd(this.region, found) : found;
      return { line: last + 1, added: end - 1 - (isBlock ? codeEnd : line) };
    }
    // The head itself may be what was changed.
    return atStart && end - start === 1 ? { line: 1, added: 0 } : undefined;
  }

  /** Lines with words that stand no deeper than an elision; what is deeper belongs to them. */
  private linesAt(start: number, end: number, columns: number): number[] {
    const lines: number[] = [];
    for (let line = start; line < end; line++) if (hasWord(this.text[line] ?? '')) lines.push(line);
    const shallow = lines.filter((line) => columnsOf(this.code[line]) <= columns);
    return shallow.length > 0 ? shallow : lines;
  }

  /** The one line of the region that equals one of the code; lines beside it help to tell equal ones apart. */
  private find(line: number, step: 1 | -1, limit: number): number | 'many' | undefined {
    const wanted = this.text[line];
    let found = this.own.flatMap((each, index) => (index >= this.next && each === wanted ? [index] : []));
    for (let distance = 1; found.length > 1 && distance <= 3; distance++) {
      const other = line + step * distance;
      if (step > 0 ? other >= limit : other < limit) break;
      found = found.filter((index) => this.own[index + step * distance] === this.text[other]);
    }
    return found.length > 1 ? 'many' : found[0];
  }
}

function chunksOf(code: readonly string[], elided: readonly number[]): Chunk[] {
  const bounds = [-1, ...elided, code.length];
  return bounds.slice(1).map((end, index) => {
    const start = bounds[index] ?? -1;
    const before = start < 0 ? Number.POSITIVE_INFINITY : elisionColumns(code, start);
    const after = end >= code.length ? Number.POSITIVE_INFINITY : elisionColumns(code, end);
    return { start: start + 1, end, before, after };
  });
}

/** Our own mark stands at the margin, wherever the lines do that it stands for. */
function elisionColumns(code: readonly string[], at: number): number {
  if (!isLeftOutMark(code[at] ?? '')) return columnsOf(code[at]);
  const before = code.slice(0, at).findLast((line) => !isBlank(line));
  const after = code.slice(at + 1).find((line) => !isBlank(line));
  return Math.max(columnsOf(before), columnsOf(after));
}

function columnsOf(line: string | undefined): number {
  return indentColumns(indentOf(line ?? ''), 4);
}

function isVersionOfAny(lines: readonly string[], others: readonly string[]): boolean {
  return lines.some(
    (line) => hasWord(line) && others.some((other) => hasWord(other) && isVersionOf(line, other)),
  );
}
