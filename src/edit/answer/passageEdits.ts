import type { AskedLines } from '../askedLines';
import type { LineEdit } from '../lineEdit';
import { isBlank, withoutOuterBlanks } from '../textLines';
import { findPassage } from './passages';
import { replacePassage } from './replacePassage';
import type { PassageEdit, Reading } from './searchReplace';

/** What a passage's edit changes in one file, or why it does not fit. */
export function passageEdits(
  lines: readonly string[],
  asked: AskedLines | undefined,
  { readings, line }: PassageEdit,
): LineEdit[] | 'notFound' | 'ambiguous' | 'unclear' {
  if (readings.length === 0) return 'unclear';
  const within = asked && { start: asked.start, end: asked.end + 1 };
  const results = readings.map((reading) => {
    const { before, after } = bare(reading);
    if (before.length === 0) {
      if (!lines.every(isBlank)) return 'unclear' as const;
      return { passage: undefined, edits: [{ start: 0, count: lines.length, lines: [...after, ''] }] };
    }
    // Blank lines around count where the file has them so.
    const literal = findPassage(lines, reading.before, within, line);
    const trimmed = findPassage(lines, before, within, line);
    const useLiteral =
      literal.kind === 'found' &&
      (literal.likeness !== 'blanks' || trimmed.kind !== 'found' || trimmed.likeness === 'blanks');
    const [passage, old, now] = useLiteral
      ? [literal, reading.before, reading.after]
      : [trimmed, before, after];
    if (passage.kind !== 'found') return passage.kind;
    const edits = replacePassage(lines, passage, old, now);
    return edits === undefined ? ('unclear' as const) : { passage, edits };
  });
  const fitting = results.flatMap((result, index) =>
    typeof result === 'string' ? [] : [{ ...result, isLast: readings[index]?.isLast === true }],
  );
  const own = fitting.filter(({ isLast }) => !isLast);
  const considered = own.length > 0 ? own : fitting;
  const best = considered.find(({ passage }) => passage?.likeness === 'exact') ?? considered[0];
  if (best !== undefined) return best.edits;
  const whys = results.filter((result) => typeof result === 'string');
  return whys.find((why) => why !== 'notFound') ?? 'notFound';
}

/** Blank lines around both sides of a replacement are the answer's, not the file's. */
function bare({ before, after }: Reading): { before: string[]; after: string[] } {
  const first = before.findIndex((line) => !isBlank(line));
  if (first < 0) return { before: [], after: withoutOuterBlanks(after) };
  const last = before.findLastIndex((line) => !isBlank(line));
  const trailing = before.length - 1 - last;
  let start = 0;
  while (start < first && start < after.length && isBlank(after[start] ?? '')) start++;
  let end = after.length;
  let dropped = 0;
  while (dropped < trailing && end > start && isBlank(after[end - 1] ?? '')) {
    end--;
    dropped++;
  }
  return { before: before.slice(first, last + 1), after: after.slice(start, end) };
}
