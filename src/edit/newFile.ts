import * as vscode from 'vscode';
import { UserError } from '../errors';

/**
 * Where a new file of an answer goes. Rejects with a `UserError` where no folder is open, the path leads out of it, or
 * a file is there already.
 * @param path workspace-relative
 */
export async function newFileUri(path: string): Promise<vscode.Uri> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  // With several folders open, paths begin with the folder's name.
  const named = folders.length > 1 ? folders.find(({ name }) => path.startsWith(`${name}/`)) : undefined;
  const folder = named ?? folders[0];
  if (folder === undefined) {
    throw new UserError(vscode.l10n.t('Open a folder first: the answer makes a new file, {0}.', path));
  }
  const uri = vscode.Uri.joinPath(folder.uri, named === undefined ? path : path.slice(named.name.length + 1));
  if (!uri.path.startsWith(`${folder.uri.path.replace(/\/$/, '')}/`)) {
    throw new UserError(vscode.l10n.t('{0} lies outside of the open folder. Nothing was changed.', path));
  }
  await refuseExisting(uri);
  return uri;
}

/** Writes a new file. Rejects with a `UserError` where one is there already, or the editor refuses. */
export async function createFile(uri: vscode.Uri, text: string): Promise<void> {
  await refuseExisting(uri);
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uri, { contents: new TextEncoder().encode(text) });
  if (await vscode.workspace.applyEdit(edit)) return;
  const name = vscode.workspace.asRelativePath(uri);
  throw new UserError(vscode.l10n.t('The editor refused to make {0}.', name));
}

async function refuseExisting(uri: vscode.Uri): Promise<void> {
  const isThere = await Promise.resolve(vscode.workspace.fs.stat(uri)).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  const name = vscode.workspace.asRelativePath(uri);
  throw new UserError(
    vscode.l10n.t('{0} is there already, and the model has not seen it. Nothing was changed.', name),
  );
}
