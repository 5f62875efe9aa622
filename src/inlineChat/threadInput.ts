import * as vscode from 'vscode';
import { inlineChatId } from '../contributions';

/** How long the editor may take to show a thread, or to move the focus. Milliseconds. */
const patience = 3000;
const soon = 300;

/** Whether a document is the input of one of our threads. */
export function isInput({ uri }: vscode.TextDocument): boolean {
  return uri.scheme === 'comment' && uri.authority === inlineChatId;
}

/** The input that the editor makes next; undefined where it makes none, as with comments switched off. */
export function nextInput(): Promise<vscode.TextDocument | undefined> {
  return next(vscode.workspace.onDidOpenTextDocument, (document) =>
    isInput(document) ? document : undefined,
  );
}

/**
 * Puts the focus into the input of a thread that the editor shows. No stable API does: the commands used are those by
 * which a person does so with the keyboard. They go by the line that the cursor is on.
 * @param input the thread's, where it is known: then this settles once it has the focus, or will not get it
 */
export async function focusInput(
  uri: vscode.Uri,
  range: vscode.Range,
  input?: vscode.TextDocument,
): Promise<void> {
  const editor = await fileEditor(uri);
  const { line } = range.end;
  if (editor.selection.end.line !== line) {
    // To the end of the line: what is selected now is what was asked about, should it be asked about anew.
    const { end } = editor.document.lineAt(Math.min(line, editor.document.lineCount - 1)).range;
    editor.selection = new vscode.Selection(range.start, end);
  }
  const focused = next(
    vscode.window.onDidChangeActiveTextEditor,
    () => focusedInput() === input || undefined,
  );
  await vscode.commands.executeCommand('workbench.action.focusCommentOnCurrentLine');
  await vscode.commands.executeCommand('widgetNavigation.focusNext');
  if (input !== undefined && focusedInput() !== input) await focused;
}

/** Settles once the editor has emptied an input, which it does when what was in it is sent; or soon. */
export async function emptied(input: vscode.TextDocument | undefined): Promise<void> {
  const isEmpty = () => input?.getText() === '' || undefined;
  if (isEmpty() === undefined) await next(vscode.workspace.onDidChangeTextDocument, isEmpty, soon);
}

/** The input that has the focus. */
export function focusedInput(): vscode.TextDocument | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document !== undefined && isInput(document) ? document : undefined;
}

/**
 * The editor of a file, in front: where it is shown already, it stays.
 * @param focus whether it gets the focus in any case
 */
export async function fileEditor(uri: vscode.Uri, focus = false): Promise<vscode.TextEditor> {
  const key = uri.toString();
  const shown = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === key);
  const { activeTab, viewColumn } = vscode.window.tabGroups.activeTabGroup;
  const input = activeTab?.input;
  const front =
    (input instanceof vscode.TabInputText && input.uri.toString() === key) ||
    (input instanceof vscode.TabInputTextDiff && input.modified.toString() === key);
  if (!focus && shown !== undefined && front && shown.viewColumn === viewColumn) return shown;
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), {
    viewColumn: shown?.viewColumn ?? vscode.ViewColumn.Active,
    preview: false,
  });
}

/** What an event brings that is chosen; undefined where nothing such comes in time. */
function next<E, T>(
  event: vscode.Event<E>,
  choose: (value: E) => T | undefined,
  milliseconds = patience,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const end = (found: T | undefined) => {
      subscription.dispose();
      clearTimeout(timer);
      resolve(found);
    };
    const subscription = event((value) => {
      const found = choose(value);
      if (found !== undefined) end(found);
    });
    const timer = setTimeout(() => end(undefined), milliseconds);
  });
}
