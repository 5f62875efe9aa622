import { diffArrays } from 'diff';
import type { AskedLines } from '../askedLines';
import { declaredName, isLead } from '../declarations';
import { indentStyleOf } from '../indentation';
import type { LineEdit } from '../lineEdit';
import { hasWord, isBlank } from '../textLines';
import { isElision } from './elisions';
import { fitCode } from './fitCode';
import { squeezed } from './passages';
import { editsBetween } from './lineVersions';

/**
 * What a block of code that is still being written changes for certain: all up to the last place where it and the lines
 * that were asked about are the same again. Nothing as long as it does not begin as they do.
 */
export function growingEdits(
  lines: readonly string[],
  asked: AskedLines | undefined,
  soFar: readonly string[],
): LineEdit[] {
  // The last line may not be whole yet.
  const code = soFar.slice(0, -1);
  const own = new Set(lines.map(squeezed));
  let start = asked?.start ?? 0;
  const end = (asked?.end ?? lines.length - 1) + 1;
  const first = code.find((line) => !isBlank(line));
  if (first === undefined || code.some((line) => isElision(line, own))) return [];
  while (start < end && (isBlank(lines[start] ?? '') || (!isLead(first) && isLead(lines[start] ?? ''))))
    start++;
  const head = lines[start] ?? '';
  const name = declaredName(head);
  const begins = squeezed(head) === squeezed(first) || (name !== undefined && declaredName(first) === name);
  if (!begins) return [];
  const region = lines.slice(start, end);
  const settled = lastMeeting(region, code);
  if (settled === undefined) return [];
  const fitted = fitCode(code.slice(0, settled.code), region, indentStyleOf(lines));
  while (isBlank(fitted[0] ?? 'x')) fitted.shift();
  return editsBetween(region, [...fitted, ...region.slice(settled.region)], start);
}

/** Behind the last run of equal lines with two that have words. */
function lastMeeting(
  region: readonly string[],
  code: readonly string[],
): { region: number; code: number } | undefined {
  let at = 0;
  let own = 0;
  let last: { region: number; code: number } | undefined;
  for (const { added, removed, count } of diffArrays(region.map(squeezed), code.map(squeezed))) {
    if (removed) own += count;
    else if (added) at += count;
    else {
      const words = code.slice(at, at + count).filter(hasWord).length;
      own += count;
      at += count;
      if (words >= 2) last = { region: own, code: at };
    }
  }
  return last;
}
