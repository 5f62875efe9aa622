import * as vscode from 'vscode';
import { reviewScheme } from '../contributions';
import { ReviewModel, type RenderedHunk, type RenderedReview } from './reviewModel';
import type { ReviewRequest } from './reviewRequest';

/** One open review: the model and the virtual document that shows it. */
export class Review {
  readonly model: ReviewModel;
  /** Of the virtual document. */
  readonly uri: vscode.Uri;
  /** Where the review was opened, and where the file is shown after it. */
  column: vscode.ViewColumn = vscode.ViewColumn.Active;
  rendered: RenderedReview;

  /** @param id tells reviews of equally named files apart */
  constructor(
    readonly request: ReviewRequest,
    id: number,
  ) {
    this.model = new ReviewModel(request.original, request.proposed);
    this.rendered = this.model.render();
    const file = request.uri.path.split('/').at(-1) ?? '';
    this.uri = vscode.Uri.from({
      scheme: reviewScheme,
      // The tab shows it; the ending gives icon and language.
      path: `/${vscode.l10n.t('Review of {0}', file)}`,
      query: String(id),
    });
  }

  get key(): string {
    return this.uri.toString();
  }

  /** To be called after each decision. */
  refresh(): void {
    this.rendered = this.model.render();
  }

  /** Whether a document of this review has caught up with the model. */
  isShownBy(document: vscode.TextDocument): boolean {
    return (
      document.uri.toString() === this.key &&
      document.getText().replaceAll('\r\n', '\n') === this.rendered.text
    );
  }

  /** The hunk on a line of the review. */
  hunkAt(line: number): RenderedHunk | undefined {
    return this.rendered.hunks.find(({ removed, added }) => removed.start <= line && line < added.end);
  }

  /** The first hunk that starts after a line, else the first of all. */
  hunkAfter(line: number): RenderedHunk | undefined {
    return this.rendered.hunks.find(({ removed }) => removed.start > line) ?? this.rendered.hunks[0];
  }

  /** The last hunk that starts before a line, else the last of all. */
  hunkBefore(line: number): RenderedHunk | undefined {
    return this.rendered.hunks.findLast(({ removed }) => removed.start < line) ?? this.rendered.hunks.at(-1);
  }
}
