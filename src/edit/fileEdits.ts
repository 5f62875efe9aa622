import * as vscode from 'vscode';
import { UserError } from '../errors';
import { toRangeEdit, type LineEdit } from './lineEdit';
import { parseLines } from './textLines';

/** Opens a file by whatever provides it. Rejects with a `UserError` where it is gone. */
export async function openFile(uri: vscode.Uri): Promise<vscode.TextDocument> {
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    throw new UserError(
      vscode.l10n.t(
        '{0} can no longer be opened. Nothing was changed.',
        vscode.workspace.asRelativePath(uri),
      ),
    );
  }
}

/**
 * Changes lines of an open file in one step, which one undo takes back. Does not save.
 * Rejects with a `UserError` where the editor refuses: the file is read-only, or was changed this very moment.
 */
export async function changeLines(document: vscode.TextDocument, edits: readonly LineEdit[]): Promise<void> {
  const workspaceEdit = new vscode.WorkspaceEdit();
  workspaceEdit.set(document.uri, lineTextEdits(document, edits));
  if (await vscode.workspace.applyEdit(workspaceEdit)) return;
  const name = vscode.workspace.asRelativePath(document.uri);
  throw new UserError(
    vscode.l10n.t('The editor refused to change {0}. See whether it is read-only, then try again.', name),
  );
}

/** Edits of lines in the editor's terms, with the line ends of the document. */
export function lineTextEdits(document: vscode.TextDocument, edits: readonly LineEdit[]): vscode.TextEdit[] {
  const { lines, eol } = parseLines(document.getText());
  return edits.map((edit) => {
    const { startLine, startCharacter, endLine, endCharacter, text } = toRangeEdit(lines, edit, eol);
    return vscode.TextEdit.replace(new vscode.Range(startLine, startCharacter, endLine, endCharacter), text);
  });
}
