import * as vscode from 'vscode';
import { commandIds, type CommandName } from '../contributions';
import { describeError } from '../errorMessages';
import type { Logger } from '../log';
import { runCommand } from './runCommand';

/** A handler for each command of the manifest: a missing one is a compile error. */
export type CommandHandlers = Readonly<Record<CommandName, (...args: unknown[]) => unknown>>;

/** Registers all commands; each runs in the one wrapper that shows its failure. */
export function registerCommands(handlers: CommandHandlers, logger: Logger): vscode.Disposable {
  const surroundings = {
    describe: describeError,
    logger,
    translate: vscode.l10n.t,
    showError: (message: string, ...buttons: string[]) => vscode.window.showErrorMessage(message, ...buttons),
    execute: (command: string) => vscode.commands.executeCommand(command),
  };
  const names = Object.keys(commandIds) as CommandName[];
  return vscode.Disposable.from(
    ...names.map((name) =>
      vscode.commands.registerCommand(commandIds[name], (...args: unknown[]) =>
        runCommand(() => handlers[name](...args), surroundings),
      ),
    ),
  );
}
