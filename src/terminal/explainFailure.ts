import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Asker } from '../chat/chatApi';
import { UserError } from '../errors';
import { terminalPrompt } from '../prompts/actionPrompts';
import { terminalAttachment } from './terminalAttachment';
import type { TerminalRecorder } from './terminalRecorder';

/** Asks in the chat why the last command that failed in a terminal did. Rejects in words where none is known. */
export async function explainFailure(
  recorder: Pick<TerminalRecorder, 'lastFailure' | 'shellIntegration'>,
  asker: Asker,
): Promise<void> {
  const failure = recorder.lastFailure();
  if (failure === undefined) throw new UserError(unknownWords(recorder.shellIntegration));
  await asker.ask({ text: terminalPrompt, attachments: [terminalAttachment(failure, randomUUID())] });
}

function unknownWords(shellIntegration: TerminalRecorder['shellIntegration']): string {
  switch (shellIntegration) {
    case 'on':
      return vscode.l10n.t('No command has failed in the terminals of this window since it was opened.');
    case 'noTerminal':
      return vscode.l10n.t(
        'No terminal is open in this window. Run the command in the integrated terminal, then try again.',
      );
    case 'off':
      return vscode.l10n.t(
        'The shell does not tell VS Code about its commands, so their output is not known. Enable the setting terminal.integrated.shellIntegration.enabled, use bash, zsh, fish or PowerShell, and run the command in a new terminal.',
      );
  }
}
