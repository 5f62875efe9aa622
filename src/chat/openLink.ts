import * as vscode from 'vscode';
import { UserError } from '../errors';
import { parseLink } from './links';

/** Follows a link of an answer: to the web, or to a file of the workspace. Rejects with `UserError` for all else. */
export async function openLink(href: string): Promise<void> {
  const link = parseLink(href);
  if (link?.kind === 'external') {
    await vscode.env.openExternal(vscode.Uri.parse(link.href, true));
    return;
  }
  const uri = link && (await workspaceFile(link.path));
  if (uri === undefined) throw new UserError(vscode.l10n.t('This link leads out of the workspace.'));
  const line = Math.max(0, (link?.line ?? 1) - 1);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(line, 0, line, 0) });
}

async function workspaceFile(path: string): Promise<vscode.Uri | undefined> {
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const absolute = path.startsWith('/') || /^[a-z]:[\\/]/i.test(path);
    const base = absolute ? folder.uri.with({ path: '/' }) : folder.uri;
    const uri = vscode.Uri.joinPath(base, path.replaceAll('\\', '/'));
    // A path may climb out with "..", which joining resolves: the folder it ends in decides.
    const inside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
    if (inside && (await exists(uri))) return uri;
  }
  return undefined;
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
