import * as vscode from 'vscode';
import { gitIsReachable } from '../commitMessage/gitApi';
import { contextKeys, type CommandName } from '../contributions';
import type { ActionParts, Actions } from './createActions';

type ActionCommand = Extract<
  CommandName,
  'explainTerminalFailure' | 'writeCommitMessage' | 'stopCommitMessage'
>;

export interface LazyActions {
  handlers: Readonly<Record<ActionCommand, (...args: unknown[]) => Promise<void>>>;
  dispose(): void;
}

/** Actions on problems, changes and terminals: registered here, loaded when one is first used. */
export function lazyActions(parts: ActionParts): LazyActions {
  let loading: Promise<Actions> | undefined;
  const load = () => (loading ??= import('./createActions').then((module) => module.createActions(parts)));
  const tellGit = () =>
    void vscode.commands.executeCommand('setContext', contextKeys.gitReachable, gitIsReachable());
  tellGit();
  const subscription = vscode.extensions.onDidChange(tellGit);
  return {
    handlers: {
      explainTerminalFailure: async () => (await load()).explainTerminalFailure(),
      writeCommitMessage: async (sourceControl) => (await load()).commitMessages.write(sourceControl),
      stopCommitMessage: async () => (await load()).commitMessages.stop(),
    },
    dispose() {
      subscription.dispose();
    },
  };
}
