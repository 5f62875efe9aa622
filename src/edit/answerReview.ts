import * as vscode from 'vscode';
import { UserError } from '../errors';
import type { AnswerEdits, FileChange, ShownFile } from './answerEdits';
import { newFileUri } from './newFile';
import { nothingWords, refusedWords } from './refusedWords';
import type { ReviewController } from './reviewController';
import type { ReviewRequest } from './reviewRequest';

export interface AnswerReviewRequest {
  /** The files that the model was shown, as they were then. */
  shown: readonly ShownFile[];
  /** One line on what the change does, in the person's words where there are some. */
  title: string;
}

/** Turns answers into reviews of what they change. */
export class AnswerReviews {
  constructor(
    private readonly reviews: Pick<ReviewController, 'open' | 'openSet' | 'update' | 'isOpen' | 'close'>,
  ) {}

  /** To be called when a question is sent. */
  begin(request: AnswerReviewRequest): AnswerReview {
    return new AnswerReview(this.reviews, request);
  }

  /** Opens the review of a finished answer. Rejects with a `UserError` where nothing of it could be applied. */
  async show(edits: AnswerEdits, title: string): Promise<void> {
    await new AnswerReview(this.reviews, { shown: [], title }).show(edits);
  }
}

/** One answer on its way into a review. */
export class AnswerReview {
  /** By path: what each review was opened with. */
  private readonly requests = new Map<string, ReviewRequest>();
  private latest = '';
  private following: Promise<void> | undefined;
  private ended = false;
  /** What was looked at. */
  private seen = '';

  constructor(
    private readonly reviews: Pick<ReviewController, 'open' | 'openSet' | 'update' | 'isOpen' | 'close'>,
    private readonly request: AnswerReviewRequest,
  ) {}

  /**
   * Opens the review with the first change that is settled, and lets it grow. Returns at once.
   * @param answerSoFar all of the answer that came until now
   */
  text(answerSoFar: string): void {
    if (this.ended) return;
    this.latest = answerSoFar;
    // What fails on the way fails at the end too, and is told there.
    this.following ??= this.follow()
      .catch(() => undefined)
      .finally(() => {
        this.following = undefined;
      });
  }

  /**
   * The answer is whole. Settles once its review is open, with what is applied and what is not, which is also said.
   * Rejects with a `UserError` where nothing could be applied.
   */
  async end(answer: string): Promise<AnswerEdits> {
    this.ended = true;
    await this.following;
    const { answerEdits } = await import('./answerEdits');
    const edits = answerEdits(answer, this.request.shown, this.request.title);
    await this.show(edits);
    return edits;
  }

  /** Nothing more comes: what was not accepted yet goes. */
  async cancel(): Promise<void> {
    this.ended = true;
    await this.following;
    for (const request of this.requests.values()) await this.reviews.close(request);
  }

  /** Shows what a whole answer changes. */
  async show(edits: AnswerEdits): Promise<void> {
    const { changes } = edits;
    const wasOpen = new Set([...this.requests.values()].filter((request) => this.reviews.isOpen(request)));
    for (const [path, request] of this.requests) {
      const change = changes.find((each) => each.path === path);
      await this.reviews.update(request, change?.proposed ?? request.original, false);
    }
    if (changes.length === 0) throw new UserError(nothingWords(edits.refused));
    const requests: ReviewRequest[] = [];
    const problems: string[] = [];
    for (const change of changes) {
      const known = this.requests.get(change.path);
      // A review that a person closed meanwhile, or has decided on, stays closed.
      if (known === undefined) {
        await this.requestFor(change).then(
          (request) => requests.push(request),
          // One file that cannot be made keeps no other from its review.
          (error: unknown) => problems.push(error instanceof Error ? error.message : String(error)),
        );
      } else if (this.reviews.isOpen(known)) requests.push(known);
    }
    const [first] = requests;
    const [problem] = problems;
    if (first === undefined && wasOpen.size === 0 && problem !== undefined) throw new UserError(problem);
    if (requests.length > 1) await this.reviews.openSet(requests, this.request.title);
    else if (first !== undefined && !wasOpen.has(first)) await this.reviews.open(first);
    const left = edits.refused.filter(({ why }) => why !== 'unchanged');
    if (left.length > 0) problems.push(refusedWords(left));
    if (problems.length > 0) void vscode.window.showWarningMessage(problems.join(' '));
  }

  /** One look at a time; what came meanwhile is seen by the next. */
  private async follow(): Promise<void> {
    const { settledEdits } = await import('./answerEdits');
    while (!this.ended) {
      // Only whole lines settle something.
      const lines = this.latest.slice(0, this.latest.lastIndexOf('\n') + 1);
      if (lines === this.seen) return;
      this.seen = lines;
      // Further files wait for the end: one review at a time asks for attention.
      const [path] = this.requests.keys();
      const changes = settledEdits(lines, this.request.shown, this.request.title);
      const change = changes.find((each) => path === undefined || each.path === path);
      if (change !== undefined) await this.grow(change);
    }
  }

  private async grow(change: FileChange): Promise<void> {
    const request = this.requests.get(change.path);
    if (request !== undefined) {
      await this.reviews.update(request, change.proposed, true);
      return;
    }
    const opened = { ...(await this.requestFor(change)), growing: true };
    this.requests.set(change.path, opened);
    await this.reviews.open(opened);
  }

  private async requestFor({ uri, path, original, proposed }: FileChange): Promise<ReviewRequest> {
    const { title } = this.request;
    if (uri !== undefined) return { uri: vscode.Uri.parse(uri), original, proposed, title };
    return { uri: await newFileUri(path), original, proposed, title, isNew: true };
  }
}
