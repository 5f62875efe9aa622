import * as vscode from 'vscode';
import { CancelledError, UserError } from '../errors';
import type { AskPermission } from './askPermission';
import type { ProjectFiles } from './projectFiles';
import { isReallyBelow, realPath } from './realPath';
import { holdsKey, mayHoldSecret } from './secrets';

/** Above this no model here reads it. Bytes. */
const maxBytes = 2 * 2 ** 20;

/** Reads what may go into a prompt; asks first where it may not go unasked. */
export class FileReader {
  constructor(
    private readonly project: ProjectFiles,
    private readonly ask: AskPermission,
  ) {}

  /** Text and language of a file that was asked for by its name. */
  async read(uri: vscode.Uri, path: string): Promise<{ text: string; languageId: string }> {
    await this.allow(uri, path);
    const found = await this.plain(uri, path);
    if (holdsKey(found.text)) {
      await this.insist(path, vscode.l10n.t('It holds a private key.'));
    }
    return found;
  }

  /** Resolves where a file may go into a prompt; the person is asked where its name or git speaks against it. */
  async allow(uri: vscode.Uri, path: string): Promise<void> {
    const { t } = vscode.l10n;
    if (mayHoldSecret(path) || mayHoldSecret(await realPath(uri))) {
      await this.insist(path, t('It may hold passwords, keys or certificates.'));
    } else if (vscode.workspace.getWorkspaceFolder(uri) === undefined) {
      // What is open, and what was never saved, the person sees.
      if (openDocument(uri) === undefined) await this.insist(path, t('It is not part of the workspace.'));
    } else if (await this.project.ignores(uri)) {
      await this.insist(path, t('Git ignores it.'));
    }
  }

  /** Whether a file of the workspace that git does not ignore may go into a prompt without a question. */
  async isHarmless(uri: vscode.Uri, path: string): Promise<boolean> {
    const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri;
    if (folder === undefined || !(await isReallyBelow(folder, uri))) return false;
    return !mayHoldSecret(path) && !mayHoldSecret(await realPath(uri));
  }

  /** As it stands in its editor, else on disk. */
  async plain(uri: vscode.Uri, path: string): Promise<{ text: string; languageId: string }> {
    const { t } = vscode.l10n;
    const open = openDocument(uri);
    if (open !== undefined) return { text: open.getText(), languageId: open.languageId };
    let bytes: Uint8Array;
    try {
      const { size, type } = await vscode.workspace.fs.stat(uri);
      if ((type & vscode.FileType.Directory) !== 0)
        throw new UserError(t('{0} is a folder: name it as @folder.', path));
      if (size > maxBytes) throw new UserError(t('{0} is too large to be read by a model.', path));
      bytes = await vscode.workspace.fs.readFile(uri);
    } catch (error) {
      if (UserError.is(error)) throw error;
      throw new UserError(t('{0} was not found.', path));
    }
    if (bytes.subarray(0, 8192).includes(0)) throw new UserError(t('{0} is not a text.', path));
    return { text: new TextDecoder().decode(bytes), languageId: languageOf(path) };
  }

  private async insist(path: string, reason: string): Promise<void> {
    if (!(await this.ask(path, reason))) throw new CancelledError();
  }
}

export function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
}

/** For the fence of a block: models know the common endings as well as languages' names. */
function languageOf(path: string): string {
  return /\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
}
