import * as vscode from 'vscode';
import { UserError } from '../errors';
import type { AnswerEdits, RefusedEdit, ShownFile } from './answerEdits';
import type { ReviewController } from './reviewController';

export interface AnswerReviewRequest {
  /** The files that the model was shown. */
  shown: readonly ShownFile[];
  /** One line on what the change does. */
  title: string;
}

/** Turns answers into reviews of what they change. */
export class AnswerReviews {
  constructor(private readonly reviews: Pick<ReviewController, 'open'>) {}

  /** To be called when a question is sent; files are those that went along, as they were then. */
  begin(request: AnswerReviewRequest): AnswerReview {
    return new AnswerReview(this, request);
  }

  /** Opens the review of a finished answer. Says in words what could not be applied. */
  async show({ changes, refused }: AnswerEdits, title: string): Promise<void> {
    const [first] = changes;
    if (first === undefined) throw new UserError(refusedWords(refused[0]));
    if (first.uri === undefined) return;
    await this.reviews.open({ ...first, uri: vscode.Uri.parse(first.uri), title });
  }
}

/** One answer on its way. */
export class AnswerReview {
  private soFar = '';

  constructor(
    private readonly owner: AnswerReviews,
    private readonly request: AnswerReviewRequest,
  ) {}

  /** @param answerSoFar all of the answer that came until now */
  text(answerSoFar: string): void {
    this.soFar = answerSoFar;
  }

  /**
   * The answer is whole. Settles once the review is open, with what was applied and what was not.
   * Rejects with a `UserError` where nothing could be applied.
   */
  async end(answer: string): Promise<AnswerEdits> {
    const { answerEdits } = await import('./answerEdits');
    const edits = answerEdits(answer === '' ? this.soFar : answer, this.request.shown);
    await this.owner.show(edits, this.request.title);
    return edits;
  }

  /** Nothing more comes. What was not accepted yet goes. */
  cancel(): Promise<void> {
    return Promise.resolve();
  }
}

function refusedWords(refused: RefusedEdit | undefined): string {
  if (refused?.why === 'unchanged') return vscode.l10n.t('The answer changes nothing in this file.');
  if (refused === undefined || refused.why === 'noCode') {
    return vscode.l10n.t('The answer holds no code, so nothing can be changed.');
  }
  return vscode.l10n.t('It is not certain where the code of the answer belongs, so nothing was changed.');
}
