/** Stands in what a model is shown for lines that did not fit. Numbers are 1-based, the last one inclusive. */
export function linesLeftOut(first: number, last: number): string {
  return `[… lines ${first}–${last} left out]`;
}

/** The same where numbers of lines mean nothing. */
export function countLeftOut(lines: number): string {
  return `[… ${lines} lines left out]`;
}

const words = String.raw`\[(?:…|\.{3})\s*(?:lines?\s+\d+(?:\s*[–—-]\s*\d+)?|\d+\s+lines?)\s+left out\]`;
const within = new RegExp(words, 'i');
const alone = new RegExp(String.raw`^\W*${words}\W*$`, 'i');

/** Whether a text holds such a mark, also as a model writes it down, with other dots or dashes. */
export function hasLeftOutMark(text: string): boolean {
  return within.test(text);
}

/** Whether a line is such a mark, be it as a comment. */
export function isLeftOutMark(line: string): boolean {
  return alone.test(line);
}
