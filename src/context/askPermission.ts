import * as vscode from 'vscode';

/** Asks whether something may go into a prompt all the same. */
export type AskPermission = (path: string, reason: string) => Promise<boolean>;

/** Asks the person in a dialog. */
export async function askPerson(path: string, reason: string): Promise<boolean> {
  const { t } = vscode.l10n;
  const add = t('Add It');
  const question = t('Add {0} to the message?', path);
  return (await vscode.window.showWarningMessage(question, { modal: true, detail: reason }, add)) === add;
}
