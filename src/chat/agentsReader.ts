import * as vscode from 'vscode';
import type { Logger } from '../log';
import { agentsFile, type AgentsFile } from './promptPrefix';

/** Above this nobody wrote it for a model. Bytes. */
const absurdSize = 4 * 1024 * 1024;

/** AGENTS.md of the first workspace folder that has one; undefined in an untrusted workspace, and where none is. */
export async function readAgentsFile(log: Logger): Promise<AgentsFile | undefined> {
  if (!vscode.workspace.isTrusted) return undefined;
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    const file = vscode.Uri.joinPath(uri, 'AGENTS.md');
    try {
      const { size } = await vscode.workspace.fs.stat(file);
      if (size <= absurdSize) return agentsFile(await vscode.workspace.fs.readFile(file));
      log.warn(`${file.toString()} has ${size} bytes and is not read`);
    } catch (error) {
      const missing = error instanceof vscode.FileSystemError && error.code === 'FileNotFound';
      if (!missing) log.warn(`${file.toString()} cannot be read: ${String(error)}`);
    }
  }
  return undefined;
}
