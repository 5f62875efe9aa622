import * as vscode from 'vscode';
import type { ModelAsker } from '../ask/modelAsker';
import type { PrefillRate } from '../ask/prefillRate';
import type { Asker } from '../chat/chatApi';
import type { ReadSetting } from '../chat/requestSettings';
import { CommitMessages } from '../commitMessage/commitMessages';
import { gitApi } from '../commitMessage/gitApi';
import { ContextBudget } from '../context/contextBudget';
import type { ContextSources } from '../context/contextSources';
import { ProjectFiles } from '../context/projectFiles';
import { contextKeys } from '../contributions';
import type { AnswerReviews } from '../edit/answerReview';
import type { EditorTracker } from '../edit/editorTracker';
import type { Engine } from '../engineClient/engine';
import type { ModelReadiness } from '../models/modelReadiness';
import { OwnPrompts } from '../prompts/ownPrompts';
import { PromptRunner } from '../prompts/promptRunner';
import { explainFailure } from '../terminal/explainFailure';
import type { TerminalRecorder } from '../terminal/terminalRecorder';
import { EditAsker } from './editAsker';
import { functionLenses } from './functionLenses';
import { ProblemActions } from './problemActions';
import { TestWriter } from './testWriter';

export interface ActionParts {
  engine: Engine;
  readiness: ModelReadiness;
  rate: PrefillRate;
  read: ReadSetting;
  /** Asks outside of the chat. */
  asker: ModelAsker;
  /** Asks in the chat. */
  chat: Asker;
  answers: AnswerReviews;
  editors: EditorTracker;
  terminal: TerminalRecorder;
  sources: ContextSources;
}

/** What the actions' commands and providers do. */
export interface Actions {
  commitMessages: CommitMessages;
  problems: ProblemActions;
  tests: TestWriter;
  prompts: OwnPrompts;
  promptRunner: PromptRunner;
  functionLenses: typeof functionLenses;
  explainTerminalFailure: () => Promise<void>;
  /** Stops answers that are on their way outside of the chat; false where none is. */
  stop(): boolean;
}

export function createActions(parts: ActionParts): Actions {
  const { chat, read, sources, terminal } = parts;
  const project = new ProjectFiles();
  const prompts = new OwnPrompts(read, sources);
  const budget = new ContextBudget(parts);
  const edits = new EditAsker({ ...parts, budget });
  const commitMessages = new CommitMessages({
    ...{ ...parts, git: gitApi, limit: () => budget.settledLimit() },
    onRunning: (running) =>
      void vscode.commands.executeCommand('setContext', contextKeys.writingCommitMessage, running),
  });
  return {
    ...{ prompts, functionLenses, commitMessages },
    problems: new ProblemActions({ ...parts, edits, project }),
    tests: new TestWriter({ ...parts, project }),
    promptRunner: new PromptRunner({ ...parts, prompts, edits }),
    explainTerminalFailure: () => explainFailure(terminal, chat),
    stop: () => [commitMessages.stop(), edits.stop()].includes(true),
  };
}
