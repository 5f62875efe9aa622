import * as vscode from 'vscode';
import type { AskedCaret } from './ghostTexts';

/** More of a file is never looked at, characters; a multiple of the step in which it moves. */
const most = 400_000;
const step = 100_000;

/** A caret with the text around it, as a model is shown it: lines end with "\n". */
export function documentCaret(
  document: vscode.TextDocument,
  position: vscode.Position,
  picked: vscode.SelectedCompletionInfo | undefined,
): AskedCaret {
  const text = document.getText();
  const from = document.offsetAt(picked?.range.start ?? position);
  const to = document.offsetAt(picked?.range.end ?? position);
  const start = Math.max(0, Math.ceil((from - most) / step) * step);
  const before = unixLines(text.slice(start, from)) + (picked?.text ?? '');
  const repository = vscode.workspace.getWorkspaceFolder(document.uri)?.name;
  return {
    uri: document.uri.toString(),
    path: pathOf(document),
    before,
    after: unixLines(text.slice(to, to + most)),
    ...(repository !== undefined && { repository }),
  };
}

export function pathOf({ uri }: vscode.TextDocument): string {
  return vscode.workspace.asRelativePath(uri, false);
}

export function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
