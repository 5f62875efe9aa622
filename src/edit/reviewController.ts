import * as vscode from 'vscode';
import { contextKeys, reviewScheme, type CommandName } from '../contributions';
import { UserError } from '../errors';
import type { FileChange } from './answerEdits';
import { changeLines, openFile } from './fileEdits';
import { mergeChanges } from './mergeChanges';
import { Review } from './review';
import { ReviewDecorations } from './reviewDecorations';
import { reviewLenses } from './reviewLenses';
import type { OpenReview, ReviewRequest } from './reviewRequest';
import { closeTabs, onDidCloseTab, waitForDocument } from './reviewTabs';

export type ReviewCommandName = Extract<
  CommandName,
  'acceptHunk' | 'rejectHunk' | 'acceptAll' | 'rejectAll' | 'nextHunk' | 'previousHunk'
>;
/** Arguments come from a lens (key of the review, id of the hunk), from a title button (a URI), or are absent. */
export type ReviewHandler = (...args: unknown[]) => Promise<void>;

/**
 * Shows proposed changes and carries out what is decided on them. A review is a read-only virtual document; the file
 * itself is changed only by accepting.
 */
export class ReviewController implements vscode.Disposable {
  /** By the URI of the virtual document. Only reviews with hunks left. */
  private readonly reviews = new Map<string, Review>();
  private readonly decorations = new ReviewDecorations();
  private readonly contentChanged = new vscode.EventEmitter<vscode.Uri>();
  private readonly lensesChanged = new vscode.EventEmitter<void>();
  private readonly disposables: readonly { dispose(): unknown }[];
  private opened = 0;
  /** Decisions happen one after the other, however fast the keys are pressed. */
  private last: Promise<void> = Promise.resolve();

  readonly handlers: Readonly<Record<ReviewCommandName, ReviewHandler>> = {
    acceptHunk: (...args) => this.enqueue(() => this.decideHunk('accepted', args)),
    rejectHunk: (...args) => this.enqueue(() => this.decideHunk('rejected', args)),
    acceptAll: (...args) => this.enqueue(() => this.decideAll('accepted', args)),
    rejectAll: (...args) => this.enqueue(() => this.decideAll('rejected', args)),
    nextHunk: (...args) => this.enqueue(() => this.move('next', args)),
    previousHunk: (...args) => this.enqueue(() => this.move('previous', args)),
  };

  constructor() {
    const selector = { scheme: reviewScheme };
    this.disposables = [
      this.decorations,
      this.contentChanged,
      this.lensesChanged,
      vscode.workspace.registerTextDocumentContentProvider(reviewScheme, {
        onDidChange: this.contentChanged.event,
        provideTextDocumentContent: (uri) => this.reviews.get(uri.toString())?.rendered.text,
      }),
      vscode.languages.registerCodeLensProvider(selector, {
        onDidChangeCodeLenses: this.lensesChanged.event,
        provideCodeLenses: (document) => {
          const review = this.reviews.get(document.uri.toString());
          return review === undefined ? [] : reviewLenses(review, document);
        },
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.scheme === reviewScheme) this.decorate();
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => this.decorate()),
      vscode.window.onDidChangeActiveTextEditor(() => this.updateContext()),
      onDidCloseTab((uri) => {
        if (this.reviews.delete(uri.toString())) this.updateContext();
      }),
    ];
    // The editor restores tabs of the last session, whose reviews are gone.
    void closeTabs((uri) => uri.scheme === reviewScheme && !this.reviews.has(uri.toString()));
  }

  /** Opens a review in the column of the file; an older review of the same file ends with all its hunks rejected. */
  readonly open: OpenReview = (request) => this.enqueue(() => this.show(request));

  dispose(): void {
    this.reviews.clear();
    for (const disposable of this.disposables) disposable.dispose();
  }

  /**
   * Merges changes into the files as they are now, without a review: all of them, one undo a file, or none.
   * Rejects with a `UserError` where a file was changed meanwhile so that a change no longer fits.
   */
  accept(changes: readonly FileChange[]): Promise<void> {
    return this.enqueue(() => mergeChanges(changes));
  }

  private async show(request: ReviewRequest): Promise<void> {
    const review = new Review(request, ++this.opened);
    if (review.model.pending.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t('The answer changes nothing in this file.'));
      return;
    }
    const file = await openFile(request.uri);
    const older = [...this.reviews.values()].find(
      ({ request: { uri } }) => uri.toString() === file.uri.toString(),
    );
    review.column = older?.column ?? columnOf(file.uri);
    this.reviews.set(review.key, review);
    const document = await vscode.workspace.openTextDocument(review.uri);
    await vscode.languages.setTextDocumentLanguage(document, file.languageId);
    const editor = await vscode.window.showTextDocument(document, {
      viewColumn: review.column,
      preview: false,
    });
    review.column = editor.viewColumn ?? review.column;
    if (older !== undefined) await this.end(older);
    this.reveal(editor, review.rendered.hunks[0]?.removed.start);
    this.decorate();
    this.updateContext();
  }

  private async decideHunk(decision: 'accepted' | 'rejected', args: readonly unknown[]): Promise<void> {
    const review = this.reviewOf(args);
    const line = this.editorOf(review)?.selection.active.line ?? 0;
    const id = typeof args[1] === 'number' ? args[1] : review.hunkAt(line)?.id;
    if (id === undefined) this.move('next', args);
    else await this.decide(review, [id], decision);
  }

  private async decideAll(decision: 'accepted' | 'rejected', args: readonly unknown[]): Promise<void> {
    const review = this.reviewOf(args);
    const ids = review.model.pending.map(({ id }) => id);
    await this.decide(review, ids, decision);
  }

  private async decide(
    review: Review,
    ids: readonly number[],
    decision: 'accepted' | 'rejected',
  ): Promise<void> {
    const stand = review.rendered.hunks.find(({ id }) => id === ids[0])?.removed.start ?? 0;
    let refusal: UserError | undefined;
    if (decision === 'rejected') {
      for (const id of ids) review.model.decide(id, 'rejected');
    } else {
      refusal = await this.acceptHunks(review, ids);
    }
    review.refresh();
    if (review.model.pending.length === 0) {
      await this.end(review);
      await this.showFile(review);
      return;
    }
    this.contentChanged.fire(review.uri);
    this.lensesChanged.fire();
    await waitForDocument((document) => review.isShownBy(document));
    const editor = this.editorOf(review);
    if (editor !== undefined) this.reveal(editor, review.hunkAfter(stand - 1)?.removed.start);
    this.decorate();
    if (refusal !== undefined) throw refusal;
  }

  /** Changes the file; returns the words for hunks that have no certain place in it any more. */
  private async acceptHunks(review: Review, ids: readonly number[]): Promise<UserError | undefined> {
    const file = await openFile(review.request.uri);
    const { edits, refused } = review.model.accept(ids, file.getText());
    const changes = edits.map(({ edit }) => edit);
    if (changes.length > 0) await changeLines(file, changes);
    for (const { id } of edits) review.model.decide(id, 'accepted');
    const [first] = refused;
    if (first === undefined) return undefined;
    const name = vscode.workspace.asRelativePath(file.uri);
    if (refused.length > 1) {
      return new UserError(
        vscode.l10n.t(
          '{0} changes no longer fit, since {1} was changed meanwhile. They were left out.',
          refused.length,
          name,
        ),
      );
    }
    return new UserError(
      first.why === 'gone'
        ? vscode.l10n.t('This change no longer fits: the lines in {0} were changed meanwhile.', name)
        : vscode.l10n.t(
            'This change could go to several places, since {0} was changed meanwhile. Nothing was replaced.',
            name,
          ),
    );
  }

  private move(direction: 'next' | 'previous', args: readonly unknown[]): void {
    const review = this.reviewOf(args);
    const editor = this.editorOf(review);
    if (editor === undefined) return;
    const { line } = editor.selection.active;
    const hunk = direction === 'next' ? review.hunkAfter(line) : review.hunkBefore(line);
    this.reveal(editor, hunk?.removed.start);
  }

  private reveal(editor: vscode.TextEditor, line: number | undefined): void {
    if (line === undefined) return;
    editor.selection = new vscode.Selection(line, 0, line, 0);
    editor.revealRange(
      new vscode.Range(line, 0, line, 0),
      vscode.TextEditorRevealType.InCenterIfOutsideViewport,
    );
  }

  private async end(review: Review): Promise<void> {
    this.reviews.delete(review.key);
    this.updateContext();
    await closeTabs((uri) => uri.toString() === review.key);
  }

  private async showFile(review: Review): Promise<void> {
    const file = await openFile(review.request.uri);
    await vscode.window.showTextDocument(file, { viewColumn: review.column, preview: false });
  }

  /** The review that a lens or a title button names, else that of the active editor. */
  private reviewOf([first]: readonly unknown[]): Review {
    const named =
      typeof first === 'string' ? first : first instanceof vscode.Uri ? first.toString() : undefined;
    const review = this.reviews.get(named ?? vscode.window.activeTextEditor?.document.uri.toString() ?? '');
    if (review === undefined) throw new UserError(vscode.l10n.t('No review of changes is open here.'));
    return review;
  }

  private editorOf(review: Review): vscode.TextEditor | undefined {
    const shown = (editor: vscode.TextEditor | undefined) => editor?.document.uri.toString() === review.key;
    const { activeTextEditor, visibleTextEditors } = vscode.window;
    return shown(activeTextEditor) ? activeTextEditor : visibleTextEditors.find(shown);
  }

  private decorate(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const review = this.reviews.get(editor.document.uri.toString());
      if (review !== undefined) this.decorations.apply(editor, review);
    }
  }

  private updateContext(): void {
    const active = this.reviews.has(vscode.window.activeTextEditor?.document.uri.toString() ?? '');
    void vscode.commands.executeCommand('setContext', contextKeys.reviewActive, active);
  }

  private enqueue(work: () => Promise<void> | void): Promise<void> {
    const run = this.last.then(work);
    this.last = run.catch(() => undefined);
    return run;
  }
}

/** Where a file is shown, the visible place first; else the active column. */
function columnOf(uri: vscode.Uri): vscode.ViewColumn {
  const key = uri.toString();
  const visible = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === key);
  const group = vscode.window.tabGroups.all.find(({ tabs }) =>
    tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === key),
  );
  return visible?.viewColumn ?? group?.viewColumn ?? vscode.ViewColumn.Active;
}
