import * as vscode from 'vscode';

/** The one folder that the editor was opened on: a copy of test/host/workspace, made anew for each run. */
export function workspaceFolder(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error('The editor has no folder open.');
  return folder.uri;
}

/** Writes a file of the workspace and shows it. */
export async function openFile(name: string, content: string): Promise<vscode.TextEditor> {
  const uri = vscode.Uri.joinPath(workspaceFolder(), name);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(content));
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
}

/** Closes all editors, dropping what is unsaved. */
export async function closeAllEditors(): Promise<void> {
  while (vscode.window.activeTextEditor?.document.isDirty) {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** Polls until `probe` yields something other than undefined or false. `what` names it in the failure. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | PromiseLike<T | undefined | false>,
  timeoutMs = 10_000,
): Promise<T> {
  const limit = Date.now() + timeoutMs;
  while (Date.now() < limit) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`);
}

/** Our extension, activated. */
export async function activeExtension(): Promise<vscode.Extension<unknown>> {
  const extension = vscode.extensions.getExtension('layercake.layercake');
  if (extension === undefined) throw new Error('The editor does not know the extension.');
  await extension.activate();
  return extension;
}
