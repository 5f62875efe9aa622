import * as vscode from 'vscode';
import { UserError } from '../errors';
import type { EditorTracker } from './editorTracker';
import { symbolRanges } from './documentSymbols';
import { placeCode } from './placeCode';
import type { OpenReview } from './reviewRequest';

/** Puts a code block of an answer where it belongs in the file that the person works on, through the review. */
export class CodeApplier {
  constructor(
    private readonly editors: EditorTracker,
    private readonly openReview: OpenReview,
  ) {}

  /** Settles once the review is open. Rejects with a `UserError` where no file is open. */
  readonly apply = async (code: string): Promise<void> => {
    const editor = this.editors.current;
    if (editor === undefined) {
      throw new UserError(vscode.l10n.t('Open the file that the code belongs in, then apply it.'));
    }
    const { document, selection } = editor;
    const original = document.getText();
    const { proposed } = placeCode(original, code, {
      selection: selection.isEmpty ? undefined : textRange(selection),
      cursorLine: selection.active.line,
      symbols: await symbolRanges(document.uri),
    });
    await this.openReview({
      uri: document.uri,
      original,
      proposed,
      title: vscode.l10n.t('Code from the chat'),
    });
  };
}

export function textRange(range: vscode.Range): {
  startLine: number;
  startCharacter: number;
  endLine: number;
  endCharacter: number;
} {
  return {
    startLine: range.start.line,
    startCharacter: range.start.character,
    endLine: range.end.line,
    endCharacter: range.end.character,
  };
}
