import * as vscode from 'vscode';
import { UserError } from '../errors';
import type { FileChange } from './answerEdits';
import { lineTextEdits, openFile } from './fileEdits';
import { newFileUri } from './newFile';
import { ReviewModel } from './reviewModel';

/**
 * Merges changes into the files as they are now, in one step: all of them, or none. Each file has one undo.
 * Rejects with a `UserError` that says which file no longer takes its change.
 */
export async function mergeChanges(changes: readonly FileChange[]): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  for (const change of changes) {
    if (change.uri === undefined) await addNewFile(edit, change);
    else await addMerged(edit, vscode.Uri.parse(change.uri), change);
  }
  if (edit.size === 0 || (await vscode.workspace.applyEdit(edit))) return;
  throw new UserError(
    vscode.l10n.t('The editor refused the change. See whether a file is read-only, then try again.'),
  );
}

async function addMerged(edit: vscode.WorkspaceEdit, uri: vscode.Uri, change: FileChange): Promise<void> {
  const file = await openFile(uri);
  const model = new ReviewModel(change.original, change.proposed);
  const { edits, refused } = model.accept(
    model.pending.map(({ id }) => id),
    file.getText(),
  );
  if (refused.length > 0) {
    throw new UserError(
      vscode.l10n.t(
        '{0} was changed meanwhile, so the change no longer fits. Nothing was changed.',
        vscode.workspace.asRelativePath(uri),
      ),
    );
  }
  if (edits.length > 0)
    edit.set(
      uri,
      lineTextEdits(
        file,
        edits.map(({ edit: lines }) => lines),
      ),
    );
}

async function addNewFile(edit: vscode.WorkspaceEdit, { path, proposed }: FileChange): Promise<void> {
  edit.createFile(await newFileUri(path), { contents: new TextEncoder().encode(proposed) });
}
