import { randomUUID } from 'node:crypto';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { PrefillRate } from '../ask/prefillRate';
import type { Engine } from '../engineClient/engine';
import { subLogger, type Logger } from '../log';
import type { ModelReadiness } from '../models/modelReadiness';
import { systemPrompt } from '../prompts/prompts';
import type { ContextView, EngineView, ModelOffers } from '../protocol/webview';
import { readAgentsFile } from './agentsReader';
import type { Asker } from './chatApi';
import type { Message } from './conversation';
import {
  attachSelection,
  chatHandlers,
  exportConversation,
  notifyAnswer,
  type ChatHandlers,
} from './chatCommands';
import type { ComposerSource } from './composerSources';
import { ChatSession } from './chatSession';
import { ChatView } from './chatView';
import { chatWords } from './chatWords';
import { systemClock } from './clock';
import type { ActiveEditor, ApplyCode } from './codeActions';
import type { ReadSetting } from './requestSettings';
import type { DescribeFailure } from './words';

export interface ChatDeps {
  context: Pick<vscode.ExtensionContext, 'extensionUri' | 'storageUri' | 'globalStorageUri'>;
  engine: Engine;
  readiness: ModelReadiness;
  rate: PrefillRate;
  /** Reads one checked setting. */
  read: ReadSetting;
  engineView: () => EngineView;
  describeFailure: DescribeFailure;
  applyCode: ApplyCode;
  editors: ActiveEditor;
  /** What to begin with; undefined where a model is configured. */
  offers: () => Promise<ModelOffers | undefined>;
  log: Logger;
}

export interface ChatFeature {
  asker: Asker;
  /** Goes on with turns from elsewhere: opens a new conversation of them, with the focus in the input. */
  adopt(messages: readonly Message[]): Promise<void>;
  handlers: ChatHandlers;
  /** Has the chat's input complete names. */
  addSource(source: ComposerSource): { dispose(): void };
  /** Stops the running answer. False where none runs. */
  stop(): boolean;
  /** What there is to begin with has changed. */
  refreshOffers(): void;
  /** How full the context of the open conversation is. */
  onDidChangeContext: (listener: (context: ContextView | undefined) => void) => { dispose(): void };
  /** Ends the running answer and writes what is not on disk yet. */
  dispose(): void;
}

/** Registers the chat view. Nothing is read from disk before the view is opened or something is asked. */
export function registerChat(deps: ChatDeps): ChatFeature {
  const { context, engine, readiness, rate, read, engineView, describeFailure, applyCode, editors } = deps;
  const log = subLogger(deps.log, 'chat');
  const storage = context.storageUri ?? context.globalStorageUri;
  const session: ChatSession = new ChatSession({
    ...{
      engine,
      readiness,
      rate,
      read,
      engineView,
      describeFailure,
      systemPrompt,
      log,
    },
    words: chatWords((message, ...values) => vscode.l10n.t(message, ...values)),
    clock: systemClock,
    // Windows without a folder share one storage.
    reopenLast: context.storageUri !== undefined,
    folder: path.join(storage.fsPath, 'conversations'),
    newId: () => randomUUID(),
    readAgents: () => readAgentsFile(log),
    isFocused: () => vscode.window.state.focused,
    notify: (message) => void notifyAnswer(message),
    reveal: () => view.reveal(true),
  });
  const view: ChatView = new ChatView({
    ...{ session, applyCode, editors, log, offers: deps.offers, extensionUri: context.extensionUri },
    exportConversation: (id) => exportConversation(session, id),
    attachSelection: () => attachSelection(session, editors),
  });
  return {
    asker: session,
    async adopt(messages) {
      await session.adopt(messages);
      await view.reveal(false);
      session.focusInput();
    },
    handlers: chatHandlers(session, editors, (preserveFocus) => view.reveal(preserveFocus)),
    addSource: (source) => session.addSource(source),
    stop: () => session.stop(),
    refreshOffers: () => view.refreshOffers(),
    onDidChangeContext: (listener) =>
      session.onEvent((event) => {
        if (event.kind === 'snapshot') listener(event.context);
      }),
    dispose() {
      view.dispose();
      session.dispose();
    },
  };
}
