import { indentOf, isBlank } from '../textLines';

/** How alike a passage and the lines that it was found at are. */
export type Likeness = 'exact' | 'indent' | 'blanks';

export type Passage =
  /** `at`: the file's line for each wanted line; -1 for a blank one that the file has not. */
  { kind: 'found'; at: readonly number[]; likeness: Likeness } | { kind: 'notFound' } | { kind: 'ambiguous' };

export interface Within {
  /** 0-based; end exclusive. */
  readonly start: number;
  readonly end: number;
}

/** Without white space; what is left tells whether two lines are the same code. */
export function squeezed(line: string): string {
  return line.replaceAll(/\s+/g, '');
}

const forms: readonly { likeness: Likeness; form: (line: string) => string }[] = [
  { likeness: 'exact', form: (line) => line },
  { likeness: 'exact', form: (line) => line.trimEnd() },
  { likeness: 'indent', form: (line) => line.trim() },
  { likeness: 'indent', form: squeezed },
];

/**
 * Finds consecutive lines in a file by their content: exactly, then whatever their white space is, then without regard
 * to blank lines. Certain, or nothing: what is there twice is not found.
 * @param within the lines that were asked about: what is there once in them needs not be unique in the file
 * @param line where the answer says that they begin, 0-based; counts between equal passages only
 */
export function findPassage(
  lines: readonly string[],
  wanted: readonly string[],
  within?: Within,
  line?: number,
): Passage {
  if (!wanted.some((each) => !isBlank(each))) return { kind: 'notFound' };
  for (const { likeness, form } of forms) {
    const own = lines.map(form);
    const text = wanted.map(form);
    const starts = occurrences(own, text);
    if (starts.length === 0) continue;
    const start = theOne(starts, text.length, within, line);
    if (start === undefined || (likeness === 'exact' && isAccident(lines, wanted, within))) {
      return { kind: 'ambiguous' };
    }
    return { kind: 'found', at: wanted.map((_, index) => start + index), likeness };
  }
  return withoutBlanks(lines, wanted, within);
}

function occurrences(lines: readonly string[], wanted: readonly string[]): number[] {
  const found: number[] = [];
  for (let start = 0; start + wanted.length <= lines.length; start++) {
    if (wanted.every((line, index) => lines[start + index] === line)) found.push(start);
  }
  return found;
}

function theOne(
  starts: readonly number[],
  length: number,
  within: Within | undefined,
  line: number | undefined,
): number | undefined {
  if (starts.length === 1) return starts[0];
  const inside = within && starts.filter((start) => start >= within.start && start + length <= within.end);
  if (inside?.length === 1) return inside[0];
  return line !== undefined && starts.includes(line) ? line : undefined;
}

/**
 * Code that was moved to the margin may equal a passage there by accident, while an indented one was meant.
 */
function isAccident(
  lines: readonly string[],
  wanted: readonly string[],
  within: Within | undefined,
): boolean {
  if (!wanted.some((line) => !isBlank(line) && indentOf(line) === '')) return false;
  const alike = occurrences(
    lines.map((line) => line.trim()),
    wanted.map((line) => line.trim()),
  );
  return alike.length > 1 && theOne(alike, wanted.length, within, undefined) === undefined;
}

/** Models lose and add blank lines. */
function withoutBlanks(
  lines: readonly string[],
  wanted: readonly string[],
  within: Within | undefined,
): Passage {
  const own = lines.flatMap((line, index) => (isBlank(line) ? [] : [{ index, text: squeezed(line) }]));
  const text = wanted.filter((line) => !isBlank(line)).map(squeezed);
  // A single line would have been found before.
  if (text.length < 2) return { kind: 'notFound' };
  const starts = occurrences(
    own.map((line) => line.text),
    text,
  );
  if (starts.length === 0) return { kind: 'notFound' };
  const inside = within && starts.filter((start) => isInside(own, start, text.length, within));
  const chosen = starts.length === 1 ? starts : (inside ?? []);
  const [start] = chosen;
  if (start === undefined || chosen.length > 1) return { kind: 'ambiguous' };
  const places = own.slice(start, start + text.length).map(({ index }) => index);
  return { kind: 'found', at: withBlanks(lines, wanted, places), likeness: 'blanks' };
}

/** The file's line for each wanted one: blank ones get the blank lines that the file has there, as far as they reach. */
function withBlanks(
  lines: readonly string[],
  wanted: readonly string[],
  places: readonly number[],
): number[] {
  const at: number[] = [];
  let next = 0;
  for (let line = 0; line < wanted.length; line++) {
    if (!isBlank(wanted[line] ?? '')) {
      at.push(places[next++] ?? -1);
      continue;
    }
    let run = 1;
    while (line + run < wanted.length && isBlank(wanted[line + run] ?? '')) run++;
    // Before the first line the nearest ones count, elsewhere those that follow.
    const first = next === 0 ? (places[0] ?? 0) - run : (places[next - 1] ?? 0) + 1;
    const limit = places[next] ?? lines.length;
    for (let index = first; index < first + run; index++) {
      const isThere = index >= 0 && index < limit && isBlank(lines[index] ?? 'x');
      at.push(isThere ? index : -1);
    }
    line += run - 1;
  }
  return at;
}

function isInside(own: readonly { index: number }[], start: number, length: number, within: Within): boolean {
  const first = own[start]?.index ?? -1;
  const last = own[start + length - 1]?.index ?? Number.MAX_SAFE_INTEGER;
  return first >= within.start && last < within.end;
}
