import type { LineEdit } from '../lineEdit';
import { parseLines } from '../textLines';

/** Applies edits that do not overlap to a text; every line that no edit names stays as it is, byte for byte. */
export function editText(text: string, edits: readonly LineEdit[]): string {
  const { eol } = parseLines(text);
  const pieces = text.split(/(\r\n|\r|\n)/);
  const lines: { text: string; end: string }[] = [];
  for (let index = 0; index < pieces.length; index += 2) {
    lines.push({ text: pieces[index] ?? '', end: pieces[index + 1] ?? '' });
  }
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  // From the end on; at one place what is replaced first, then what is added, the last of it first.
  for (const edit of [...edits].reverse().sort((a, b) => b.start - a.start || b.count - a.count)) {
    const added = edit.lines.map((line) => ({ text: line, end: eol }));
    const removed = lines.splice(edit.start, edit.count, ...added);
    const last = lines.at(-1);
    if (edit.start + edit.lines.length < lines.length || last === undefined) continue;
    // What is last has no line end, and what was last before gets one.
    const before = lines[edit.start - 1];
    if (edit.count === 0 && before !== undefined && before.end === '') before.end = eol;
    if (removed.length > 0 || edit.count === 0) last.end = '';
  }
  const result = lines.map((line) => line.text + line.end).join('');
  return mark !== '' && !result.startsWith(mark) ? mark + result : result;
}
