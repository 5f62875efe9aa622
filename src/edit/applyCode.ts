import * as vscode from 'vscode';
import { fenced } from '../chat/attachmentText';
import { UserError } from '../errors';
import type { EditorTracker } from './editorTracker';
import { symbolRanges } from './documentSymbols';
import { placeCode } from './placeCode';
import { nothingWords } from './refusedWords';
import type { OpenReview } from './reviewRequest';

/** Puts a code block of an answer where it belongs in the file that the person works on, through the review. */
export class CodeApplier {
  constructor(
    private readonly editors: EditorTracker,
    private readonly openReview: OpenReview,
  ) {}

  /**
   * Settles once the review is open. Rejects with a `UserError` where no file is open, or where the block says which
   * lines it changes and the file does not have them.
   */
  readonly apply = async (code: string): Promise<void> => {
    const editor = this.editors.current;
    if (editor === undefined) {
      throw new UserError(vscode.l10n.t('Open the file that the code belongs in, then apply it.'));
    }
    const { document, selection } = editor;
    const original = document.getText();
    const proposed =
      (await this.edited(code, document)) ??
      placeCode(original, code, {
        selection: selection.isEmpty ? undefined : textRange(selection),
        cursorLine: selection.active.line,
        symbols: await symbolRanges(document.uri),
      }).proposed;
    await this.openReview({
      uri: document.uri,
      original,
      proposed,
      title: vscode.l10n.t('Code from the chat'),
    });
  };

  /** The text after a block that names what it changes: search and replace, a diff, lines left out. */
  private async edited(code: string, document: vscode.TextDocument): Promise<string | undefined> {
    const { answerEdits, saysWhere } = await import('./answerEdits');
    const path = vscode.workspace.asRelativePath(document.uri);
    const { languageId } = document;
    const file = { uri: document.uri.toString(), path, languageId, text: document.getText() };
    if (!saysWhere(code, file)) return undefined;
    const { changes, refused } = answerEdits(fenced(code, ''), [file]);
    const change = changes.find(({ uri }) => uri !== undefined);
    if (change === undefined) throw new UserError(nothingWords(refused));
    return change.proposed;
  }
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
