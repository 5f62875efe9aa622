/** How much of a file goes into a prompt, in characters. */
export interface WindowSize {
  /** Before the caret, at least: up to `step` more. */
  prefix: number;
  /** The beginning moves by so much at once: as one types on, most of what was read stays as it is. */
  step: number;
  /** After the caret, at most. It is read anew at each change before it, so it is short. */
  suffix: number;
}

export interface FimWindow {
  prefix: string;
  suffix: string;
  /** Where the prefix begins in the file. */
  start: number;
}

/** What of a file is around the caret. Begins and ends with whole lines where lines are not very long. */
export function fimWindow(before: string, after: string, { prefix, step, suffix }: WindowSize): FimWindow {
  const steps = Math.max(0, Math.ceil((before.length - prefix - step) / step));
  const start = lineStart(before, steps * step, step / 2);
  return { prefix: before.slice(start), suffix: wholeLines(after, suffix), start };
}

/** The next beginning of a line, unless it is too far away. */
function lineStart(text: string, from: number, farthest: number): number {
  if (from === 0) return 0;
  const next = text.indexOf('\n', from - 1) + 1;
  return next === 0 || next - from > farthest ? from : next;
}

function wholeLines(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.lastIndexOf('\n', most - 1) + 1;
  return text.slice(0, end > most / 2 ? end : most);
}
