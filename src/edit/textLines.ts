export type Eol = '\n' | '\r\n';

/** A text as the editor counts its lines: n line ends make n + 1 lines, so a final line end leaves a last empty line. */
export interface TextLines {
  readonly lines: readonly string[];
  readonly eol: Eol;
}

const lineEnd = /\r\n|\r|\n/;

/** Splits a text. Like the editor, it gives mixed line ends the one that is most frequent. */
export function parseLines(text: string): TextLines {
  const all = text.split('\n').length - 1;
  const carriage = text.split('\r\n').length - 1;
  return { lines: text.split(lineEnd), eol: carriage * 2 > all ? '\r\n' : '\n' };
}

export function joinLines({ lines, eol }: TextLines): string {
  return lines.join(eol);
}

/**
 * The lines a proposal leads to: a final line end stays, or stays away, as in the original. Models add and lose them
 * at random, and such a change would only be noise. An empty original takes the proposal's own.
 */
export function proposedLines(original: readonly string[], proposed: string): string[] {
  const lines = [...parseLines(proposed).lines];
  if (original.length === 1 && original[0] === '') return lines;
  if (original.at(-1) === '') {
    if (lines.at(-1) !== '') lines.push('');
  } else {
    while (lines.length > 1 && lines.at(-1) === '') lines.pop();
  }
  return lines;
}

/** The white space a line starts with. */
export function indentOf(line: string): string {
  return /^\s*/.exec(line)?.[0] ?? '';
}

export function isBlank(line: string): boolean {
  return line.trim() === '';
}

/** Whether a line has a letter or a digit: brackets alone tell nothing apart. */
export function hasWord(line: string): boolean {
  return /[\p{L}\p{N}]/u.test(line);
}

export function withoutOuterBlanks(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => !isBlank(line));
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex((line) => !isBlank(line)) + 1);
}
