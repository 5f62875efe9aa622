import { realpath } from 'node:fs/promises';
import * as path from 'node:path';
import type * as vscode from 'vscode';

/** Where a file is once links are followed: a link may have a harmless name. */
export async function realPath(uri: vscode.Uri): Promise<string> {
  if (uri.scheme !== 'file') return uri.path;
  return await realpath(uri.fsPath).catch(() => uri.fsPath);
}

/** Whether a file of the workspace is below it once links are followed. */
export async function isReallyBelow(folder: vscode.Uri, uri: vscode.Uri): Promise<boolean> {
  if (uri.scheme !== 'file') return true;
  const relative = path.relative(await realPath(folder), await realPath(uri));
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
