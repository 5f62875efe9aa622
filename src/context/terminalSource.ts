import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Attachment } from '../chat/chatApi';
import { UserError } from '../errors';
import { firstLine, terminalAttachment } from '../terminal/terminalAttachment';
import type { TerminalRecorder } from '../terminal/terminalRecorder';
import type { ContextSource } from './contextSource';
import type { MentionOffer } from './contextSources';

/** "@terminal": the last command and its output. */
export class TerminalSource implements ContextSource {
  readonly kind = 'terminal';

  constructor(private readonly recorder: Pick<TerminalRecorder, 'last' | 'shellIntegration'>) {}

  offers(): Promise<MentionOffer[]> {
    const run = this.recorder.last();
    if (run === undefined) return Promise.resolve([]);
    const label = vscode.l10n.t('Last terminal command');
    return Promise.resolve([{ insert: '@terminal', label, detail: firstLine(run.command), kind: this.kind }]);
  }

  attach(): Promise<Attachment> {
    const run = this.recorder.last();
    if (run === undefined) return Promise.reject(new UserError(this.#why()));
    return Promise.resolve(terminalAttachment(run, randomUUID()));
  }

  #why(): string {
    const { t } = vscode.l10n;
    switch (this.recorder.shellIntegration) {
      case 'on':
        return t('No command has ended in a terminal of this window yet.');
      case 'noTerminal':
        return t('No terminal is open in this window.');
      case 'off':
        return t(
          'The shell in the terminal does not tell of its commands: shell integration is off there (setting terminal.integrated.shellIntegration.enabled).',
        );
    }
  }
}
