import * as vscode from 'vscode';
import { UserError } from '../errors';
import type { Review } from './review';
import { isOverviewOf } from './reviewOverview';
import type { ReviewRequest } from './reviewRequest';
import type { ReviewSet } from './reviewSet';

/** The reviews that wait for decisions, and which of them is meant where a command does not say. */
export class OpenReviews {
  /** By the URI of the virtual document. Only reviews with hunks left. */
  private readonly byKey = new Map<string, Review>();

  [Symbol.iterator](): Iterator<Review> {
    return this.byKey.values();
  }

  has(key: string): boolean {
    return this.byKey.has(key);
  }

  get(key: string): Review | undefined {
    return this.byKey.get(key);
  }

  add(review: Review): void {
    this.byKey.set(review.key, review);
  }

  delete({ key }: Review): void {
    this.byKey.delete(key);
  }

  clear(): void {
    this.byKey.clear();
  }

  /** The review that a lens or a title button names, else that of the active editor. */
  of(args: readonly unknown[]): Review {
    const review = this.named(args) ?? this.active();
    if (review === undefined) throw new UserError(vscode.l10n.t('No review of changes is open here.'));
    return review;
  }

  named([first]: readonly unknown[]): Review | undefined {
    const key = first instanceof vscode.Uri ? first.toString() : first;
    return typeof key === 'string' ? this.byKey.get(key) : undefined;
  }

  /** That of the active editor, be it the review or a file in the overview. */
  active(): Review | undefined {
    const key = activeKey();
    return [...this].find(
      ({ key: own, sides }) =>
        key === own || key === sides.before.toString() || key === sides.after.toString(),
    );
  }

  openedWith(request: ReviewRequest): Review | undefined {
    return [...this].find((review) => review.request === request);
  }

  /** The set of the review that is named or active, else that of the active overview, else the last that was opened. */
  setOf(args: readonly unknown[]): ReviewSet {
    const review = this.named(args) ?? this.active();
    const sets = [...this].flatMap(({ set }) => set ?? []);
    const active = vscode.window.tabGroups.activeTabGroup.activeTab;
    const set = review?.set ?? sets.find(({ reviews }) => isOverviewOf(active, reviews)) ?? sets.at(-1);
    if (set === undefined) throw new UserError(vscode.l10n.t('No review of several files is open.'));
    return set;
  }

  textOf(uri: vscode.Uri): string | undefined {
    for (const review of this) {
      for (const each of review.set?.reviews ?? [review]) {
        const text = each.textOf(uri);
        if (text !== undefined) return text;
      }
    }
    return undefined;
  }

  isShown({ key }: Review): boolean {
    return vscode.window.tabGroups.all.some(({ tabs }) =>
      tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === key),
    );
  }

  editorOf(review: Review): vscode.TextEditor | undefined {
    const shown = (editor: vscode.TextEditor | undefined) => editor?.document.uri.toString() === review.key;
    const { activeTextEditor, visibleTextEditors } = vscode.window;
    return shown(activeTextEditor) ? activeTextEditor : visibleTextEditors.find(shown);
  }
}

/** Of what the active editor shows. */
export function activeKey(): string {
  return vscode.window.activeTextEditor?.document.uri.toString() ?? '';
}

/** Where a file is shown, the visible place first; else the active column. */
export function columnOf(uri: vscode.Uri): vscode.ViewColumn {
  const key = uri.toString();
  const visible = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === key);
  const group = vscode.window.tabGroups.all.find(({ tabs }) =>
    tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === key),
  );
  return visible?.viewColumn ?? group?.viewColumn ?? vscode.ViewColumn.Active;
}
