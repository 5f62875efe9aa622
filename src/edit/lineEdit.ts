import type { Eol } from './textLines';

/** Replaces `count` lines from `start` on. */
export interface LineEdit {
  /** 0-based. */
  readonly start: number;
  readonly count: number;
  readonly lines: readonly string[];
}

/** The same, in the editor's positions, which are 0-based. */
export interface RangeEdit {
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  readonly endCharacter: number;
  readonly text: string;
}

/** Applies edits that do not overlap. */
export function applyLineEdits(lines: readonly string[], edits: readonly LineEdit[]): string[] {
  const result = [...lines];
  for (const edit of [...edits].sort((a, b) => b.start - a.start)) {
    result.splice(edit.start, edit.count, ...edit.lines);
  }
  return result;
}

/**
 * Turns an edit of lines into one of characters. The last line has no line end of its own, so what touches the end of
 * the file takes or gives the line end before it.
 */
export function toRangeEdit(lines: readonly string[], edit: LineEdit, eol: Eol): RangeEdit {
  const end = edit.start + edit.count;
  const lengthOf = (line: number) => lines[line]?.length ?? 0;
  const last = lines.length - 1;
  const text = edit.lines.join(eol);
  if (edit.count > 0 && edit.lines.length > 0) {
    return range(edit.start, 0, end - 1, lengthOf(end - 1), text);
  }
  if (edit.count > 0) {
    if (end <= last) return range(edit.start, 0, end, 0, '');
    if (edit.start > 0) return range(edit.start - 1, lengthOf(edit.start - 1), last, lengthOf(last), '');
    return range(0, 0, last, lengthOf(last), '');
  }
  if (edit.start <= last) return range(edit.start, 0, edit.start, 0, text + eol);
  return range(last, lengthOf(last), last, lengthOf(last), eol + text);
}

function range(
  startLine: number,
  startCharacter: number,
  endLine: number,
  endCharacter: number,
  text: string,
): RangeEdit {
  return { startLine, startCharacter, endLine, endCharacter, text };
}
