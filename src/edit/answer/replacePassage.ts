import { diffArrays } from 'diff';
import { indentStyleOf, type IndentStyle } from '../indentation';
import type { LineEdit } from '../lineEdit';
import { indentOf, isBlank } from '../textLines';
import { IndentMap } from './indentMap';
import type { Passage } from './passages';

type Found = Extract<Passage, { kind: 'found' }>;

/**
 * What replacing a passage does to a file: only lines that the model changed, in the file's indentation; all that it
 * repeated stays as the file has it. Undefined where the indent of a new line is not certain.
 * @param before the passage as the model wrote it
 * @param after what comes in its place
 */
export function replacePassage(
  lines: readonly string[],
  { at, likeness }: Found,
  before: readonly string[],
  after: readonly string[],
): LineEdit[] | undefined {
  const style = indentStyleOf(lines);
  const fit = likeness === 'exact' ? exactFit(after, style) : indentFit(lines, at, before, after, style);
  if (fit === undefined) return undefined;
  const edits: LineEdit[] = [];
  let old = 0;
  let next = 0;
  let open: { start: number; end: number; added: string[] } | undefined;
  const close = () => {
    if (open === undefined) return;
    const { start, end, added } = open;
    open = undefined;
    // A blank line that the model lost or added is none of the change.
    if (likeness === 'blanks' && start === end && added.every(isBlank)) return;
    edits.push({ start, count: end - start, lines: added });
  };
  const begin = () => (open ??= { start: place(at, old), end: place(at, old), added: [] });
  const changes = diffArrays(
    before.map((line) => line.trimEnd()),
    after.map((line) => line.trimEnd()),
  );
  for (const { added, removed, count } of changes) {
    if (added) {
      const change = begin();
      for (const line of after.slice(next, next + count)) {
        const fitted = fit(line, change.added.length === 0 && next === 0);
        if (fitted === undefined) return undefined;
        change.added.push(fitted);
        next++;
      }
    } else if (removed) {
      const change = begin();
      for (const line of at.slice(old, old + count)) if (line >= 0) change.end = line + 1;
      old += count;
    } else {
      close();
      old += count;
      next += count;
    }
  }
  close();
  return edits;
}

/** The file's line before which something at a position of the passage goes. */
function place(at: readonly number[], position: number): number {
  const before = at.slice(0, position).findLast((line) => line >= 0);
  if (before !== undefined) return before + 1;
  return at.find((line) => line >= 0) ?? 0;
}

type Fit = (line: string, isFirst: boolean) => string | undefined;

/** The model wrote the file's own indentation; only spaces where the file has tabs are put right. */
function exactFit(after: readonly string[], style: IndentStyle): Fit {
  if (style.kind === 'spaces') return (line) => (isBlank(line) ? '' : line.trimEnd());
  const bySpaces = after.filter((line) => /^ {2}/.test(line));
  const map = IndentMap.from([], ['', ...bySpaces], style);
  return (line) => {
    if (isBlank(line)) return '';
    return /^ {2}/.test(line) ? map?.line(line.trimEnd()) : line.trimEnd();
  };
}

function indentFit(
  lines: readonly string[],
  at: readonly number[],
  before: readonly string[],
  after: readonly string[],
  style: IndentStyle,
): Fit | undefined {
  const pairs = before.flatMap((line, index): [string, string][] => {
    const own = at[index] ?? -1;
    return own < 0 || isBlank(line) ? [] : [[line, lines[own] ?? '']];
  });
  const margin = shortest(before);
  const fileMargin = shortest(pairs.map(([, own]) => own));
  const newMargin = shortest(after);
  if (newMargin !== margin && newMargin === fileMargin) {
    // What is found has lost its indent, and what replaces it has not; or both have, and it is deeper.
    return pairs.some(([line]) => indentOf(line) === newMargin) ? undefined : exactFit(after, style);
  }
  const [first, ...rest] = pairs;
  const all = IndentMap.from(pairs, [...before, ...after], style);
  const stray =
    first !== undefined && indentOf(first[0]) === '' && indentOf(first[1]) !== '' && rest.length > 0;
  const withoutFirst = stray ? IndentMap.from(rest, [...before, ...after], style) : all;
  const firstAfter = after.find((line) => !isBlank(line));
  if (withoutFirst === undefined) return undefined;
  return (line) => {
    const text = line.trimEnd();
    if (stray && line === firstAfter && indentOf(line) === '') return indentOf(first[1]) + text;
    return (stray ? withoutFirst : (all ?? withoutFirst)).line(text);
  };
}

function shortest(lines: readonly string[]): string {
  const indents = lines.filter((line) => !isBlank(line)).map(indentOf);
  return indents.reduce((least, indent) => (indent.length < least.length ? indent : least), indents[0] ?? '');
}
