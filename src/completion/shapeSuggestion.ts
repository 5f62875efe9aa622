import type { CompleteResult } from '../protocol/engine';
import { brackets } from './brackets';
import type { CaretPlace } from './caretPlace';

export interface Written {
  text: string;
  stopReason: CompleteResult['stopReason'];
}

export interface Surroundings {
  /** The file before the caret and after it; lines end with "\n". */
  before: string;
  after: string;
}

/**
 * What of a model's text fits where the caret is: one line or the block that is open, nothing that stands there
 * already, no bracket closed a second time. undefined: nothing.
 */
export function shapeSuggestion(
  { text, stopReason }: Written,
  place: Exclude<CaretPlace, 'none'>,
  { before, after }: Surroundings,
): string | undefined {
  const isCut = stopReason === 'maxTokens' || stopReason === 'contextFull';
  let shaped = text.replaceAll('\r\n', '\n');
  if (place === 'line') {
    shaped = shaped.split('\n', 1)[0] ?? '';
  } else {
    if (isCut) shaped = wholeLines(shaped);
    shaped = withinBlock(shaped, before);
    if (isCut || stopReason === 'lines') shaped = wholeBrackets(shaped);
  }
  shaped = withoutLines(balanced(withoutRest(shaped, after), { before, after }), after);
  return shaped.trim() === '' ? undefined : shaped.trimEnd();
}

/** Up to the bracket that would close what is closed after the caret, or was never opened. */
export function balanced(text: string, { before, after }: Surroundings): string {
  const { unopened, unopenedAt } = brackets(text);
  if (unopened.length === 0) return text;
  const open = brackets(before).open;
  const closed = brackets(after).unopened.length;
  // What is open and not closed anywhere is the innermost, and may be closed here.
  const owed = open.slice(Math.min(closed, open.length)).reverse();
  const wrong = unopened.findIndex((closer, index) => closer !== owed[index]);
  return wrong === -1 ? text : text.slice(0, unopenedAt[wrong]);
}

/** The last line of a text that was cut off is rarely a whole one. */
function wholeLines(text: string): string {
  const end = text.lastIndexOf('\n');
  return end > 0 && text.slice(0, end).trim() !== '' ? text.slice(0, end) : text;
}

/** As many lines as close what they open, where there are such. */
function wholeBrackets(text: string): string {
  const lines = text.split('\n');
  for (let count = lines.length; count > 0; count--) {
    const part = lines.slice(0, count).join('\n');
    if (part.trim() !== '' && brackets(part).open.length === 0) return part;
  }
  return text;
}

/** Up to the line that is indented less than the block: it belongs to what is around it. */
function withinBlock(text: string, before: string): string {
  const caretLine = before.slice(before.lastIndexOf('\n') + 1);
  const opensHere = caretLine.trim() !== '';
  const least = indentation(caretLine) + (opensHere ? 1 : 0);
  const lines = text.split('\n');
  const end = lines.findIndex((line, index) => index > 0 && line.trim() !== '' && indentation(line) < least);
  if (end === -1) return text;
  // The bracket that ends the block is a part of it.
  const closes = /^\s*[)\]}]/.test(lines[end] ?? '');
  return lines.slice(0, closes ? end + 1 : end).join('\n');
}

/** Without what the line goes on with, where the text says that too. */
function withoutRest(text: string, after: string): string {
  const rest = (after.split('\n', 1)[0] ?? '').trimEnd();
  const trimmed = text.trimEnd();
  if (rest.trim() === '' || !trimmed.endsWith(rest)) return text;
  const shorter = trimmed.slice(0, -rest.length);
  // A bracket that closes one of the text's own is not the one that follows.
  return brackets(shorter).open.length > brackets(trimmed).open.length ? text : shorter;
}

/** Without the lines at its end with which the file goes on. */
function withoutLines(text: string, after: string): string {
  const [rest = '', ...following] = after.split('\n');
  if (rest.trim() !== '') return text;
  const next = following.filter((line) => line.trim() !== '').map((line) => line.trimEnd());
  const lines = text.trimEnd().split('\n');
  for (let count = Math.min(lines.length, next.length); count > 0; count--) {
    const tail = lines.slice(-count).map((line) => line.trimEnd());
    if (tail.every((line, index) => line === next[index])) return lines.slice(0, -count).join('\n');
  }
  return text;
}

function indentation(line: string): number {
  return line.length - line.trimStart().length;
}
