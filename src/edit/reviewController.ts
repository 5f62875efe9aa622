import * as vscode from 'vscode';
import { contextKeys, reviewScheme, type CommandName } from '../contributions';
import { UserError } from '../errors';
import { acceptHunks } from './acceptHunks';
import type { FileChange } from './answerEdits';
import { openFile } from './fileEdits';
import { mergeChanges } from './mergeChanges';
import { activeKey, columnOf, OpenReviews } from './openReviews';
import { Review } from './review';
import { ReviewDecorations } from './reviewDecorations';
import { reviewLenses } from './reviewLenses';
import { closeAllOverviews, closeOverview, isOverviewOf, openOverview } from './reviewOverview';
import type { OpenReview, ReviewRequest } from './reviewRequest';
import { ReviewSet } from './reviewSet';
import { closeTabs, onDidCloseTab, waitForDocument } from './reviewTabs';

export type ReviewCommandName = Extract<
  CommandName,
  | 'acceptHunk'
  | 'rejectHunk'
  | 'acceptAll'
  | 'rejectAll'
  | 'nextHunk'
  | 'previousHunk'
  | 'acceptFiles'
  | 'rejectFiles'
  | 'nextFile'
  | 'showFiles'
>;
/** Arguments come from a lens (key of the review, id of the hunk), from a title button (a URI), or are absent. */
export type ReviewHandler = (...args: unknown[]) => Promise<void>;

/**
 * Shows proposed changes and carries out what is decided on them. A review is a read-only virtual document; the file
 * itself is changed only by accepting.
 */
export class ReviewController implements vscode.Disposable {
  private readonly reviews = new OpenReviews();
  private readonly decorations = new ReviewDecorations();
  private readonly contentChanged = new vscode.EventEmitter<vscode.Uri>();
  private readonly lensesChanged = new vscode.EventEmitter<void>();
  private readonly disposables: readonly { dispose(): unknown }[];
  /** Older reviews of a file, until the newer one shows. */
  private readonly replaced = new WeakMap<Review, readonly Review[]>();
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
    acceptFiles: (...args) => this.enqueue(() => this.decideFiles('accepted', args)),
    rejectFiles: (...args) => this.enqueue(() => this.decideFiles('rejected', args)),
    nextFile: (...args) => this.enqueue(() => this.showNext(args)),
    showFiles: (...args) => this.enqueue(() => openOverview(this.reviews.setOf(args))),
  };

  constructor() {
    const selector = { scheme: reviewScheme };
    this.disposables = [
      this.decorations,
      this.contentChanged,
      this.lensesChanged,
      vscode.workspace.registerTextDocumentContentProvider(reviewScheme, {
        onDidChange: this.contentChanged.event,
        provideTextDocumentContent: (uri) => this.reviews.textOf(uri),
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
        const review = this.reviews.get(uri.toString());
        if (review !== undefined) void this.enqueue(() => this.dismiss(review));
      }),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        const gone = [...this.reviews].filter(({ set }) =>
          closed.some((tab) => set !== undefined && isOverviewOf(tab, set.reviews)),
        );
        // What was never opened by itself goes with the overview.
        for (const review of gone) if (!this.reviews.isShown(review)) this.drop(review);
        if (gone.length > 0) this.updateContext();
      }),
    ];
    // The editor restores tabs of the last session, whose reviews are gone.
    void closeTabs((uri) => uri.scheme === reviewScheme && !this.reviews.has(uri.toString()));
    void closeAllOverviews();
  }

  /** Opens a review in the column of the file; an older review of the same file ends with all its hunks rejected. */
  readonly open: OpenReview = (request) => this.enqueue(() => this.show(request));

  /**
   * Opens the reviews of one answer as a set, with an overview of all; those that are open already stay. One that
   * cannot be opened keeps no other from it; the first `UserError` rejects once the others show.
   * @param title one line on what the answer does
   */
  openSet(requests: readonly ReviewRequest[], title: string): Promise<void> {
    return this.enqueue(async () => {
      const reviews: Review[] = [];
      let refusal: UserError | undefined;
      for (const request of requests) {
        const review = this.reviews.openedWith(request) ?? (await this.create(request).catch(asRefusal));
        if (review instanceof UserError) {
          refusal ??= review;
          continue;
        }
        for (const older of this.replaced.get(review) ?? []) await this.end(older);
        if (review.model.pending.length > 0) reviews.push(review);
        else this.reviews.delete(review);
      }
      const set = new ReviewSet(title, reviews);
      this.lensesChanged.fire();
      this.updateContext();
      if (reviews.length > 0) await openOverview(set);
      if (refusal !== undefined) throw refusal;
    });
  }

  /**
   * Takes what an answer proposes by now. Does nothing where the review has been closed.
   * @param request the one that the review was opened with
   */
  update(request: ReviewRequest, proposed: string, growing: boolean): Promise<void> {
    return this.enqueue(async () => {
      const review = this.reviews.openedWith(request);
      if (review === undefined) return;
      review.growing = growing;
      review.model.propose(proposed);
      await this.changed(review);
      if (!growing && review.model.pending.length === 0) await this.finish(review);
    });
  }

  /** Whether the review of a request still waits for decisions. */
  isOpen(request: ReviewRequest): boolean {
    return this.reviews.openedWith(request) !== undefined;
  }

  /** Ends a review; what waits is rejected, and the file shown again. */
  close(request: ReviewRequest): Promise<void> {
    return this.enqueue(async () => {
      const review = this.reviews.openedWith(request);
      if (review !== undefined) await this.finish(review);
    });
  }

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
    const review = await this.create(request);
    if (review.model.pending.length === 0) {
      this.reviews.delete(review);
      void vscode.window.showInformationMessage(vscode.l10n.t('The answer changes nothing in this file.'));
      return;
    }
    await this.reveal(review);
  }

  /** A review that nothing shows yet. An older one of the same file ends. */
  private async create(request: ReviewRequest): Promise<Review> {
    const uri = request.isNew === true ? request.uri : (await openFile(request.uri)).uri;
    const review = new Review(request, ++this.opened);
    const older = [...this.reviews].filter((each) => each.request.uri.toString() === uri.toString());
    review.column = older[0]?.column ?? columnOf(uri);
    this.reviews.add(review);
    this.replaced.set(review, older);
    return review;
  }

  /** Shows a review, and closes the one that it comes in place of. */
  private async reveal(review: Review): Promise<void> {
    const document = await vscode.workspace.openTextDocument(review.uri);
    if (review.request.isNew !== true) {
      const { languageId } = await openFile(review.request.uri);
      await vscode.languages.setTextDocumentLanguage(document, languageId);
    }
    const editor = await vscode.window.showTextDocument(document, {
      viewColumn: review.column,
      preview: false,
    });
    review.column = editor.viewColumn ?? review.column;
    for (const older of this.replaced.get(review) ?? []) await this.end(older);
    this.replaced.delete(review);
    this.goTo(editor, review.rendered.hunks[0]?.removed.start);
    this.decorate();
    this.updateContext();
  }

  private async decideHunk(decision: 'accepted' | 'rejected', args: readonly unknown[]): Promise<void> {
    const review = this.reviews.of(args);
    const line = this.reviews.editorOf(review)?.selection.active.line ?? 0;
    const id = typeof args[1] === 'number' ? args[1] : review.hunkAt(line)?.id;
    // In the overview a change is not pointed at well enough.
    if (!this.reviews.isShown(review)) await this.reveal(review);
    else if (id === undefined) this.move('next', args);
    else await this.decide(review, [id], decision);
  }

  private async decideAll(decision: 'accepted' | 'rejected', args: readonly unknown[]): Promise<void> {
    const review = this.reviews.of(args);
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
    if (decision === 'rejected') for (const id of ids) review.model.decide(id, 'rejected');
    else refusal = await acceptHunks(review, ids);
    if (review.model.pending.length === 0 && !review.growing) {
      await this.finish(review);
      return;
    }
    await this.changed(review);
    const editor = this.reviews.editorOf(review);
    if (editor !== undefined) this.goTo(editor, review.hunkAfter(stand - 1)?.removed.start);
    if (refusal !== undefined) throw refusal;
  }

  private async decideFiles(decision: 'accepted' | 'rejected', args: readonly unknown[]): Promise<void> {
    const set = this.reviews.setOf(args);
    let refusal: UserError | undefined;
    for (const review of set.pending) {
      const ids = review.model.pending.map(({ id }) => id);
      if (decision === 'rejected') for (const id of ids) review.model.decide(id, 'rejected');
      else {
        const refused = await acceptHunks(review, ids).catch(asRefusal);
        refusal ??= refused;
      }
      if (review.model.pending.length === 0) await this.end(review);
      else await this.changed(review);
    }
    if (set.pending.length === 0) await closeOverview(set.reviews);
    const [first] = set.reviews;
    if (
      set.pending.length === 0 &&
      first !== undefined &&
      (decision === 'accepted' || first.request.isNew !== true)
    ) {
      await this.showFile(first);
    }
    if (refusal !== undefined) throw refusal;
  }

  /** Shows the next file of a set with something to decide; from the overview the one that the cursor is in. */
  private async showNext(args: readonly unknown[]): Promise<void> {
    const set = this.reviews.setOf(args);
    const current = this.reviews.named(args) ?? this.reviews.active();
    const isReviewed = current !== undefined && activeKey() === current.key;
    const pointed = set.pending.find((review) => review === current);
    const next = current?.set === set && isReviewed ? set.after(current) : (pointed ?? set.pending[0]);
    if (next !== undefined) await this.reveal(next);
  }

  /** Everything that shows a review follows its model. */
  private async changed(review: Review): Promise<void> {
    review.refresh();
    for (const uri of [review.uri, review.sides.before, review.sides.after]) this.contentChanged.fire(uri);
    this.lensesChanged.fire();
    if (this.reviews.editorOf(review) !== undefined)
      await waitForDocument((document) => review.isShownBy(document));
    this.decorate();
  }

  /** Nothing is left to decide: on to the next file of the answer, else back to the file. */
  private async finish(review: Review): Promise<void> {
    const wasShown = this.reviews.isShown(review);
    await this.end(review);
    const next = review.set?.after(review);
    if (next !== undefined && this.reviews.has(next.key)) await this.reveal(next);
    else {
      if (review.set !== undefined) await closeOverview(review.set.reviews);
      if (wasShown) await this.showFile(review);
    }
  }

  /** A person closed the tab: what waits is rejected. */
  private async dismiss(review: Review): Promise<void> {
    this.drop(review);
    this.updateContext();
    const { set } = review;
    if (set !== undefined && !set.reviews.some(({ key }) => this.reviews.has(key)))
      await closeOverview(set.reviews);
  }

  private move(direction: 'next' | 'previous', args: readonly unknown[]): void {
    const review = this.reviews.of(args);
    const editor = this.reviews.editorOf(review);
    if (editor === undefined) return;
    const { line } = editor.selection.active;
    const hunk = direction === 'next' ? review.hunkAfter(line) : review.hunkBefore(line);
    this.goTo(editor, hunk?.removed.start);
  }

  private goTo(editor: vscode.TextEditor, line: number | undefined): void {
    if (line === undefined) return;
    editor.selection = new vscode.Selection(line, 0, line, 0);
    editor.revealRange(
      new vscode.Range(line, 0, line, 0),
      vscode.TextEditorRevealType.InCenterIfOutsideViewport,
    );
  }

  private async end(review: Review): Promise<void> {
    this.drop(review);
    this.updateContext();
    await closeTabs((uri) => uri.toString() === review.key);
  }

  /** Forgets a review; what waits is rejected. */
  private drop(review: Review): void {
    this.reviews.delete(review);
    for (const { id } of review.model.pending) review.model.decide(id, 'rejected');
  }

  private async showFile(review: Review): Promise<void> {
    const { uri, isNew } = review.request;
    // A new file that was rejected is not there.
    if (isNew === true && !review.model.hunks.some(({ id }) => review.model.stateOf(id) === 'accepted'))
      return;
    const file = await openFile(uri);
    await vscode.window.showTextDocument(file, { viewColumn: review.column, preview: false });
  }

  private decorate(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const review = this.reviews.get(editor.document.uri.toString());
      if (review !== undefined) this.decorations.apply(editor, review);
    }
  }

  private updateContext(): void {
    const set = (key: string, value: boolean) =>
      void vscode.commands.executeCommand('setContext', key, value);
    set(contextKeys.reviewActive, this.reviews.has(activeKey()));
    set(
      contextKeys.reviewOfFiles,
      [...this.reviews].some((review) => review.set !== undefined),
    );
  }

  private enqueue(work: () => Promise<void> | void): Promise<void> {
    const run = this.last.then(work);
    this.last = run.catch(() => undefined);
    return run;
  }
}

/** What one file cannot have keeps no other from it: said when all were tried. */
function asRefusal(error: unknown): UserError {
  if (UserError.is(error)) return error;
  throw error;
}
