import * as vscode from 'vscode';
import type { ModelInformation } from './modelInformation';

/** Asks whether a model is to be loaded, in place of the one in use. */
export async function askToLoad({
  name,
  version,
  maxInputTokens,
  maxOutputTokens,
}: ModelInformation): Promise<boolean> {
  const load = vscode.l10n.t('Load');
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t('Load {0} {1}?', name, version),
    {
      modal: true,
      detail: vscode.l10n.t(
        'It was asked in VS Code’s chat or by another extension, and is not loaded. It becomes the model in use, planned with about {0} tokens of context.',
        (maxInputTokens + maxOutputTokens).toLocaleString('en-US'),
      ),
    },
    load,
  );
  return chosen === load;
}
