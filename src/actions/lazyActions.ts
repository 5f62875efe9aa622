import * as vscode from 'vscode';
import type { ComposerSource } from '../chat/composerSources';
import { gitIsReachable } from '../commitMessage/gitApi';
import { contextKeys, type CommandName } from '../contributions';
import { ownedBy } from '../lifecycle';
import { onDidChangeSettings } from '../settings';
import { codeSelector, registerCodeActions } from './codeActions';
import type { ActionParts, Actions } from './createActions';

type ActionCommand = Extract<
  CommandName,
  | 'explainTerminalFailure'
  | 'writeCommitMessage'
  | 'stopCommitMessage'
  | 'fixProblem'
  | 'explainProblem'
  | 'writeTests'
  | 'runPrompt'
>;

export interface LazyActions {
  handlers: Readonly<Record<ActionCommand, (...args: unknown[]) => Promise<void>>>;
  /** Completes and resolves prompts of a person's own in the chat. */
  prompts: ComposerSource;
  /** Stops what runs; false where nothing does. */
  stop(): boolean;
  dispose(): void;
}

/** Actions on problems, functions, changes and terminals: registered here, loaded when one is first used. */
export function lazyActions(parts: ActionParts): LazyActions {
  let actions: Actions | undefined;
  let loading: Promise<Actions> | undefined;
  const load = () =>
    (loading ??= import('./createActions').then((module) => (actions = module.createActions(parts))));
  const owned: vscode.Disposable[] = [];
  const own = ownedBy(owned);
  const tellGit = () =>
    void vscode.commands.executeCommand('setContext', contextKeys.gitReachable, gitIsReachable());
  tellGit();
  own(vscode.extensions.onDidChange(tellGit));
  own(registerCodeActions());
  own(registerLenses(() => parts.read('codeLens'), load));
  return {
    handlers: {
      explainTerminalFailure: async () => (await load()).explainTerminalFailure(),
      writeCommitMessage: async (sourceControl) => (await load()).commitMessages.write(sourceControl),
      stopCommitMessage: async () => void (await load()).commitMessages.stop(),
      fixProblem: async (...args) => (await load()).problems.fix(args),
      explainProblem: async (...args) => (await load()).problems.explain(args),
      writeTests: async (...args) => (await load()).tests.write(args),
      runPrompt: async (prompt) => (await load()).promptRunner.run(prompt),
    },
    prompts: {
      trigger: '/',
      offers: async (typed) => (await load()).prompts.offers(typed),
      resolve: async (text) =>
        text.trimStart().startsWith('/')
          ? (await load()).prompts.resolve(text)
          : { text, attachments: [], problems: [] },
    },
    stop: () => actions?.stop() ?? false,
    dispose() {
      for (const part of owned) part.dispose();
    },
  };
}

/** While the setting is on. */
function registerLenses(isOn: () => boolean, load: () => Promise<Actions>): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  return vscode.Disposable.from(
    changed,
    onDidChangeSettings(['codeLens'], () => changed.fire()),
    vscode.languages.registerCodeLensProvider(codeSelector, {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses: async (document) => (isOn() ? (await load()).functionLenses(document) : []),
    }),
  );
}
