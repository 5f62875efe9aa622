import * as vscode from 'vscode';
import type { AskedCode } from '../commands/askedCode';
import type { AskPermission } from '../context/askPermission';
import { FileReader } from '../context/fileReader';
import type { ProjectFiles } from '../context/projectFiles';
import { CancelledError, UserError } from '../errors';

export interface FoundCode {
  code: AskedCode[];
  /** What a person named and does not go along, in sentences that are ready to show. */
  leftOut: string[];
}

type Reference = vscode.ChatRequest['references'][number];

/** Files and places that go along with a message in VS Code's own chat. */
export class NamedCode {
  constructor(
    private readonly project: ProjectFiles,
    private readonly ask: AskPermission,
  ) {}

  /** In the order of the message. What the editor added unasked is left out without a word. */
  async of(references: readonly Reference[]): Promise<FoundCode> {
    const found: FoundCode = { code: [], leftOut: [] };
    // The editor hands them over from the last to the first. One after the other: there may be a question about each.
    for (const reference of [...references].reverse()) {
      const place = placeOf(reference);
      if (place === undefined) continue;
      const isNamed = !reference.id.startsWith('vscode.implicit');
      try {
        found.code.push(await this.read(place, isNamed));
      } catch (error) {
        if (!UserError.is(error)) throw error;
        if (isNamed) found.leftOut.push(error.message);
      }
    }
    return found;
  }

  private async read({ uri, range }: Place, isNamed: boolean): Promise<AskedCode> {
    const { t } = vscode.l10n;
    const path = vscode.workspace.asRelativePath(uri);
    const none = () => Promise.resolve(false);
    try {
      if (await isFolder(uri)) throw new UserError(t('{0} is a folder: attach its files.', path));
      await new FileReader(this.project, isNamed ? this.ask : none).read(uri, path);
      const document = await vscode.workspace.openTextDocument(uri);
      const { languageId, lineCount } = document;
      const lines = { start: range?.start.line ?? 0, end: range?.end.line ?? lineCount - 1 };
      return { uri, languageId, text: document.getText(), lines };
    } catch (error) {
      if (UserError.is(error)) throw error;
      if (CancelledError.is(error)) throw new UserError(t('{0} was left out.', path));
      throw new UserError(t('{0} is not a text.', path));
    }
  }
}

interface Place {
  uri: vscode.Uri;
  range?: vscode.Range;
}

function placeOf({ value }: Reference): Place | undefined {
  if (value instanceof vscode.Uri) return { uri: value };
  return value instanceof vscode.Location ? value : undefined;
}

async function isFolder(uri: vscode.Uri): Promise<boolean> {
  const type = await Promise.resolve(vscode.workspace.fs.stat(uri)).then(
    (stat) => stat.type,
    () => vscode.FileType.Unknown,
  );
  return (type & vscode.FileType.Directory) !== 0;
}
