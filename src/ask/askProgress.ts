import * as vscode from 'vscode';
import type { ChatProgress } from '../protocol/engine';
import { progressWords } from './progressWords';

/** A request that reports what the engine tells of it, and ends where `signal` is aborted. */
export type ProgressRun<T> = (report: (progress: ChatProgress) => void, signal: AbortSignal) => Promise<T>;

/**
 * Runs a request to the model under a notification that tells what the engine does with it, and has a Cancel button.
 * @param outer cancels as well
 */
export async function underProgress<T>(title: string, run: ProgressRun<T>, outer?: AbortSignal): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return await vscode.window.withProgress(options, async (notification, token) => {
    const cancel = new AbortController();
    token.onCancellationRequested(() => cancel.abort());
    let shown = '';
    const report = (progress: ChatProgress) => {
      const message = progressWords(vscode.l10n.t, progress);
      // Most tokens change nothing in it.
      if (message !== shown) notification.report({ message });
      shown = message;
    };
    return await run(report, outer === undefined ? cancel.signal : AbortSignal.any([cancel.signal, outer]));
  });
}
