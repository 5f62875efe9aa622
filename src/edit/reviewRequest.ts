import type * as vscode from 'vscode';

/** A change proposed to one file. Whatever changes code opens a review with it. */
export interface ReviewRequest {
  uri: vscode.Uri;
  /** The file's text that the proposal was made from. */
  original: string;
  /** The whole new text of the file. */
  proposed: string;
  /** One line on what the change does, shown above the review. */
  title: string;
  /** The file is not there yet: accepting makes it. */
  isNew?: boolean;
  /** More may come: the answer is still being written. */
  growing?: boolean;
}

/** Opens a review; settles once it is open. */
export type OpenReview = (request: ReviewRequest) => Promise<void>;
