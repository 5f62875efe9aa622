import * as vscode from 'vscode';
import type { StarterUi } from './starter';

/** Asks in a modal dialog and shows downloads as notifications with a Cancel button. */
export function createDownloadUi(): StarterUi {
  return {
    ask: async ({ message, detail }) => {
      const download = vscode.l10n.t('Download');
      const choice = await vscode.window.showInformationMessage(message, { modal: true, detail }, download);
      return choice === download;
    },
    withProgress: (title, run) =>
      Promise.resolve(
        vscode.window.withProgress(
          { location: vscode.ProgressLocation.Notification, title, cancellable: true },
          async (progress, token) => {
            const abort = new AbortController();
            token.onCancellationRequested(() => abort.abort());
            let shown = 0;
            return run((fraction, text) => {
              const percent = Math.floor(fraction * 100);
              progress.report({ increment: Math.max(0, percent - shown), message: text });
              shown = Math.max(shown, percent);
            }, abort.signal);
          },
        ),
      ),
  };
}

/** The proxy of the editor's own settings, for processes that it does not reach by itself; empty: none. */
export function editorProxy(): string {
  const proxy = vscode.workspace.getConfiguration('http').get<unknown>('proxy');
  return typeof proxy === 'string' ? proxy : '';
}
