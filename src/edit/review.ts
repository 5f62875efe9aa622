import * as vscode from 'vscode';
import { reviewScheme } from '../contributions';
import { ReviewModel, type RenderedHunk, type RenderedReview } from './reviewModel';
import type { ReviewRequest } from './reviewRequest';
import type { ReviewSet } from './reviewSet';

/** One open review: the model and the virtual document that shows it. */
export class Review {
  readonly model: ReviewModel;
  /** Of the virtual document. */
  readonly uri: vscode.Uri;
  /** Of the virtual documents with the file as it is without what waits, and with it; the overview compares them. */
  readonly sides: { readonly before: vscode.Uri; readonly after: vscode.Uri };
  /** Where the review was opened, and where the file is shown after it. */
  column: vscode.ViewColumn = vscode.ViewColumn.Active;
  rendered: RenderedReview;
  /** More hunks may come. */
  growing: boolean;
  /** The other files of the same answer. */
  set: ReviewSet | undefined;

  /** @param id tells reviews of equally named files apart */
  constructor(
    readonly request: ReviewRequest,
    id: number,
  ) {
    this.model = new ReviewModel(request.original, request.proposed);
    this.rendered = this.model.render();
    this.growing = request.growing === true;
    const { path } = request.uri;
    const file = path.split('/').at(-1) ?? '';
    // The tab shows the path; its ending gives icon and language.
    this.uri = virtualUri(`/${vscode.l10n.t('Review of {0}', file)}`, String(id));
    this.sides = { before: virtualUri(path, `${id}.before`), after: virtualUri(path, `${id}.after`) };
  }

  get key(): string {
    return this.uri.toString();
  }

  /** To be called after each decision. */
  refresh(): void {
    this.rendered = this.model.render();
  }

  /** The text of one of the review's virtual documents; undefined for others. */
  textOf(uri: vscode.Uri): string | undefined {
    const key = uri.toString();
    if (key === this.key) return this.rendered.text;
    if (key === this.sides.before.toString()) return this.model.expectedLines().join('\n');
    if (key === this.sides.after.toString()) return this.model.proposedLines().join('\n');
    return undefined;
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

function virtualUri(path: string, query: string): vscode.Uri {
  return vscode.Uri.from({ scheme: reviewScheme, path, query });
}
