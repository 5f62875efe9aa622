import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Attachment } from '../chat/chatApi';
import { UserError } from '../errors';
import type { TerminalRecorder, TerminalRun } from '../terminal/terminalRecorder';
import type { ContextSource } from './contextSource';
import type { MentionOffer } from './contextSources';
import { keyMark, withoutKeys } from './secrets';

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
    return Promise.resolve({
      ...{ id: randomUUID(), kind: this.kind, label: firstLine(run.command), path: 'Terminal' },
      ...{ uri: 'layercake-context:terminal', languageId: '', text: withoutKeys(terminalText(run), keyMark) },
    });
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

/** The command, its output, and how it ended. */
export function terminalText({ command, exitCode, output, cwd }: TerminalRun): string {
  const ending = exitCode === undefined ? [] : [`(exit code ${exitCode})`];
  return [...(cwd === undefined ? [] : [`# in ${cwd}`]), `$ ${command}`, output.trimEnd(), ...ending]
    .filter((line) => line !== '')
    .join('\n');
}

function firstLine(command: string): string {
  const line = command.split('\n', 1)[0] ?? '';
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
