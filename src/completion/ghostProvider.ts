import * as vscode from 'vscode';
import { mayHoldSecret } from '../context/secrets';
import { describeError } from '../errorMessages';
import type { Logger } from '../log';
import { documentCaret } from './documentCaret';
import type { GhostTexts } from './ghostTexts';

/** Ghost texts in the editor. */
export class GhostProvider implements vscode.InlineCompletionItemProvider {
  constructor(
    private readonly texts: Pick<GhostTexts, 'suggest'>,
    private readonly log: Logger,
  ) {}

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    { triggerKind, selectedCompletionInfo: picked }: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    const caret = documentCaret(document, position, picked);
    if (mayHoldSecret(caret.path)) return [];
    const explicit = triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
    const stop = new AbortController();
    const subscription = token.onCancellationRequested(() => stop.abort());
    if (token.isCancellationRequested) stop.abort();
    try {
      const asked = this.texts.suggest(caret, explicit, stop.signal);
      if (explicit) showWork(asked);
      const text = await asked;
      if (text === undefined) return [];
      const range = picked?.range ?? new vscode.Range(position, position);
      return [new vscode.InlineCompletionItem((picked?.text ?? '') + text, range)];
    } catch (error) {
      const said = describeError(error);
      if (said === undefined) return [];
      this.log.warn(`There is no ghost text: ${said.message}`);
      if (explicit) void vscode.window.showErrorMessage(said.message);
      return [];
    } finally {
      subscription.dispose();
    }
  }
}

/** What was asked for may take its time. */
function showWork(asked: Promise<unknown>): void {
  const over = asked.catch(() => undefined);
  vscode.window.setStatusBarMessage(`$(loading~spin) ${vscode.l10n.t('Writing a ghost text')}`, over);
}
