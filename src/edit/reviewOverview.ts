import * as vscode from 'vscode';
import { reviewScheme } from '../contributions';
import type { Review } from './review';
import type { ReviewSet } from './reviewSet';

/** Shows all files of an answer below each other, each as it is and as it would be. */
export async function openOverview({ title, reviews }: ReviewSet): Promise<void> {
  // A new file is compared with an empty text: by comparisons of two texts alone a tab is known again.
  const resources = reviews.map(({ request, sides }) => [request.uri, sides.before, sides.after]);
  await vscode.commands.executeCommand('vscode.changes', vscode.l10n.t('Changes: {0}', title), resources);
}

/** Closes the overview of these reviews; the focus stays where it is. */
export function closeOverview(reviews: readonly Review[]): Promise<void> {
  return closeWhere((tab) => isOverviewOf(tab, reviews));
}

/** Closes every overview, as those that the editor restores from its last session. */
export function closeAllOverviews(): Promise<void> {
  return closeWhere((tab) => comparedUris(tab.input).some((uri) => uri.startsWith(`${reviewScheme}:`)));
}

async function closeWhere(matches: (tab: vscode.Tab) => boolean): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs.filter(matches));
  if (tabs.length > 0) await vscode.window.tabGroups.close(tabs);
}

/** Whether a tab is the overview of some of these reviews. */
export function isOverviewOf(tab: vscode.Tab | undefined, reviews: readonly Review[]): boolean {
  const shown = comparedUris(tab?.input);
  return reviews.some(({ sides }) => shown.includes(sides.after.toString()));
}

/** What a tab with several comparisons compares. The stable API has no type for its input yet. */
function comparedUris(input: unknown): string[] {
  if (typeof input !== 'object' || input === null || !('textDiffs' in input)) return [];
  const diffs: unknown[] = Array.isArray(input.textDiffs) ? input.textDiffs : [];
  return diffs.flatMap((diff) => {
    const { modified } = (diff ?? {}) as { modified?: unknown };
    return modified instanceof vscode.Uri ? [modified.toString()] : [];
  });
}
