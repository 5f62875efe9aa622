import type { AskedLines } from '../edit/askedLines';
import { isBlank, parseLines } from '../edit/textLines';
import type { InlineSubject } from '../prompts/inlinePrompt';

/** Lines on each side of an empty one that a model is shown. */
const around = 20;

/** What a conversation is about, by the lines that it is asked about. */
export function subjectOf(text: string, { start, end }: AskedLines): InlineSubject {
  const blank = parseLines(text)
    .lines.slice(start, end + 1)
    .every(isBlank);
  return blank ? { emptyLine: start + 1 } : { lines: end - start + 1 };
}

/** The lines that a model is shown: those that are asked about; of an empty one, what is around it. */
export function shownLines(
  subject: InlineSubject,
  { start, end }: AskedLines,
  lineCount: number,
): AskedLines {
  if ('lines' in subject) return { start, end };
  return { start: Math.max(0, start - around), end: Math.min(lineCount - 1, end + around) };
}
