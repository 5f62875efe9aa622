import type { AskedLines } from '../edit/askedLines';

/** A change of a text: the range that went, and what came in its place. 0-based, as the editor tells it. */
export interface TextChange {
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
  readonly text: string;
}

/** Where lines are after a change of their file. What is written into them, or over them, belongs to them. */
export function moveLines(lines: AskedLines, { range: { start, end }, text }: TextChange): AskedLines {
  const added = text.split('\n').length - 1;
  const shift = added - (end.line - start.line);
  const before = end.line < lines.start || (end.line === lines.start && end.character === 0);
  if (before) return { start: lines.start + shift, end: lines.end + shift };
  if (start.line > lines.end) return lines;
  const first = Math.min(lines.start, start.line);
  const last = end.line > lines.end ? start.line + added : lines.end + shift;
  return { start: first, end: Math.max(first, last) };
}
