import * as vscode from 'vscode';
import { commandIds, type CommandId } from '../contributions';
import type { Review } from './review';

/** The lenses above each hunk, and above the whole review. None while the document lags behind. */
export function reviewLenses(review: Review, document: vscode.TextDocument): vscode.CodeLens[] {
  if (!review.isShownBy(document)) return [];
  const lens = (line: number, title: string, command: CommandId | '', ...more: unknown[]) =>
    new vscode.CodeLens(new vscode.Range(line, 0, line, 0), {
      title,
      command,
      arguments: [review.key, ...more],
    });
  const { hunks } = review.rendered;
  const { set } = review;
  const all = [
    lens(0, vscode.l10n.t('{0}: {1}', oneLine(review.request.title), standing(review)), ''),
    ...(hunks.length === 0
      ? []
      : [
          lens(0, vscode.l10n.t('Accept All'), commandIds.acceptAll),
          lens(0, vscode.l10n.t('Reject All'), commandIds.rejectAll),
        ]),
    ...(set === undefined
      ? []
      : [
          lens(0, vscode.l10n.t('Accept All Files'), commandIds.acceptFiles),
          lens(0, vscode.l10n.t('Next File'), commandIds.nextFile),
          lens(0, vscode.l10n.t('All Files'), commandIds.showFiles),
        ]),
  ];
  const each = hunks.flatMap(({ id, removed }) => [
    lens(removed.start, vscode.l10n.t('Accept'), commandIds.acceptHunk, id),
    lens(removed.start, vscode.l10n.t('Reject'), commandIds.rejectHunk, id),
  ]);
  return [...all, ...each];
}

/** How much is left to decide, and whether more may come. */
function standing({ rendered, growing, set }: Review): string {
  const { length } = rendered.hunks;
  if (growing) {
    return length === 1 ? vscode.l10n.t('1 change so far') : vscode.l10n.t('{0} changes so far', length);
  }
  const left = length === 1 ? vscode.l10n.t('1 change left') : vscode.l10n.t('{0} changes left', length);
  if (set === undefined) return left;
  return vscode.l10n.t('{0}, {1} files to decide on', left, set.pending.length);
}

/** A title made of what a person typed may be long. */
function oneLine(title: string): string {
  const line = title.replaceAll(/\s+/g, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
