import * as vscode from 'vscode';
import type { ModelAsker } from '../ask/modelAsker';
import type { Asker } from '../chat/chatApi';
import { CommitMessages } from '../commitMessage/commitMessages';
import { gitApi } from '../commitMessage/gitApi';
import { contextKeys } from '../contributions';
import type { ModelReadiness } from '../models/modelReadiness';
import { explainFailure } from '../terminal/explainFailure';
import type { TerminalRecorder } from '../terminal/terminalRecorder';

export interface ActionParts {
  /** Asks outside of the chat. */
  asker: ModelAsker;
  /** Asks in the chat. */
  chat: Asker;
  readiness: ModelReadiness;
  terminal: TerminalRecorder;
}

/** What the actions' commands and providers do. */
export interface Actions {
  commitMessages: CommitMessages;
  explainTerminalFailure: () => Promise<void>;
}

export function createActions({ asker, chat, readiness, terminal }: ActionParts): Actions {
  return {
    commitMessages: new CommitMessages({
      ...{ git: gitApi, asker, readiness },
      onRunning: (running) =>
        void vscode.commands.executeCommand('setContext', contextKeys.writingCommitMessage, running),
    }),
    explainTerminalFailure: () => explainFailure(terminal, chat),
  };
}
