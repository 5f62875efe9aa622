import * as vscode from 'vscode';
import { UserError } from '../errors';
import type { ChatCommand } from '../protocol/webview';
import { languageIdOf } from './languageIds';

/** Knows the text editor that the person works in, also while the focus is in the chat. */
export interface ActiveEditor {
  /** undefined: no file is open. */
  readonly current: vscode.TextEditor | undefined;
}

/** Proposes a block of code for the file at hand, as a review. */
export type ApplyCode = (code: string, language: string) => Promise<void>;

/**
 * Carries out what a button of a code block asks for. Rejects with `UserError` where it cannot.
 * @param editor the one that the person works in
 */
export async function runCodeAction(
  { action, code, language }: Extract<ChatCommand, { kind: 'code' }>,
  applyCode: ApplyCode,
  editor: vscode.TextEditor | undefined,
): Promise<void> {
  switch (action) {
    case 'copy':
      await vscode.env.clipboard.writeText(code);
      return;
    case 'insert':
      await insert(code, editor);
      return;
    case 'apply':
      await applyCode(code, language);
      return;
    case 'newFile': {
      const id = languageIdOf(language, await vscode.languages.getLanguages());
      const document = await vscode.workspace.openTextDocument({ language: id, content: code });
      await vscode.window.showTextDocument(document);
    }
  }
}

async function insert(code: string, editor: vscode.TextEditor | undefined): Promise<void> {
  if (editor === undefined) {
    throw new UserError(vscode.l10n.t('Open a file and place the cursor where the code should go.'));
  }
  const done = await editor.edit((edit) => {
    for (const selection of editor.selections) edit.replace(selection, code);
  });
  if (!done) throw new UserError(vscode.l10n.t('This file cannot be edited.'));
  await vscode.window.showTextDocument(editor.document, editor.viewColumn);
}
