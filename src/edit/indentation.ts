import { indentOf, isBlank } from './textLines';

/** How the lines of a file are indented. */
export interface IndentStyle {
  readonly kind: 'tabs' | 'spaces';
  /** Columns of one level. */
  readonly width: number;
}

/** Reads the style from a file's lines. */
export function indentStyleOf(lines: readonly string[]): IndentStyle {
  const indents = lines.filter((line) => !isBlank(line)).map(indentOf);
  const tabs = indents.filter((indent) => indent.startsWith('\t')).length;
  const spaces = indents.filter((indent) => indent.startsWith(' ')).map((indent) => indent.length);
  if (tabs > spaces.length) return { kind: 'tabs', width: 4 };
  return { kind: 'spaces', width: smallestStep(spaces) };
}

/** The smallest step between indents; 1 only aligns comments, so it does not count. */
function smallestStep(columns: readonly number[]): number {
  const steps = columns.filter((column) => column > 1);
  return steps.length === 0 ? 4 : Math.min(...steps);
}

/**
 * Indents code as the lines that it replaces are. Models answer with the code moved to the margin, or with only the
 * first line there.
 * @param code the new code
 * @param replaced the lines that it takes the place of; the first line with text sets the indent
 * @param style how the file is indented
 */
export function reindent(code: string, replaced: readonly string[], style: IndentStyle): string[] {
  const lines = code.split('\n').map((line) => (isBlank(line) ? '' : line));
  const head = replaced.findIndex((line) => !isBlank(line));
  const target = indentOf(replaced[head] ?? '');
  const [first = '', ...rest] = lines;
  const restIndent = commonIndent(rest) ?? '';
  const strayFirst =
    target !== '' &&
    indentOf(first) === '' &&
    restIndent.startsWith(target) &&
    restIndent === commonIndent(replaced.slice(head + 1));
  if (strayFirst) return [target + first, ...rest];
  const margin = (commonIndent(lines) ?? '').length;
  return inStyle(
    lines.map((line) => line.slice(margin)),
    style,
  ).map((line) => (line === '' ? '' : target + line));
}

/** The longest indent that all lines with text share; undefined without such a line. */
function commonIndent(lines: readonly string[]): string | undefined {
  const indents = lines.filter((line) => !isBlank(line)).map(indentOf);
  return indents.reduce<string | undefined>((common, indent) => {
    if (common === undefined) return indent;
    let length = 0;
    while (length < common.length && common[length] === indent[length]) length++;
    return common.slice(0, length);
  }, undefined);
}

/** Turns leading tabs into spaces, or spaces into tabs, as the file has them. */
function inStyle(lines: readonly string[], style: IndentStyle): string[] {
  const spaces = lines.map(indentOf).filter((indent) => indent.startsWith(' '));
  const level = smallestStep(spaces.map((indent) => indent.length));
  return lines.map((line) => {
    const indent = indentOf(line);
    const text = line.slice(indent.length);
    if (style.kind === 'spaces') return indent.replaceAll('\t', ' '.repeat(style.width)) + text;
    const columns = indent.replaceAll('\t', ' '.repeat(level)).length;
    return '\t'.repeat(Math.floor(columns / level)) + ' '.repeat(columns % level) + text;
  });
}

/** The smallest step between the indents of lines that someone else wrote, in columns. A tab counts four. */
export function unitOf(lines: readonly string[]): number {
  const widths = lines.filter((line) => !isBlank(line)).map((line) => indentColumns(indentOf(line), 4));
  const sorted = [...new Set(widths)].sort((a, b) => a - b);
  // One column aligns the stars of a comment.
  const steps = sorted.slice(1).map((width, index) => width - (sorted[index] ?? 0));
  const real = steps.filter((step) => step > 1);
  return real.length === 0 ? 4 : Math.min(...real);
}

/** The width of an indent where a tab takes so many columns. */
export function indentColumns(indent: string, tab: number): number {
  return indent.replaceAll('\t', ' '.repeat(tab)).length;
}

/** So many levels of indent. */
export function indentLevels(count: number, style: IndentStyle): string {
  return (style.kind === 'tabs' ? '\t' : ' '.repeat(style.width)).repeat(count);
}
