import * as vscode from 'vscode';
import { lazyActions } from './actions/lazyActions';
import type { ModelAsker } from './ask/modelAsker';
import type { PrefillRate } from './ask/prefillRate';
import type { ChatFeature } from './chat/registerChat';
import type { ReadSetting } from './chat/requestSettings';
import { registerGhost } from './completion/registerGhost';
import { lazyContext } from './context/lazyContext';
import type { AnswerReviews } from './edit/answerReview';
import type { EditorTracker } from './edit/editorTracker';
import type { ReviewController } from './edit/reviewController';
import type { Engine } from './engineClient/engine';
import { lazyInlineChat } from './inlineChat/lazyInlineChat';
import type { LibraryEntry } from './library/entry';
import { ownedBy } from './lifecycle';
import type { Logger } from './log';
import type { ModelReadiness } from './models/modelReadiness';
import { lazyNativeChat } from './nativeChat/lazyNativeChat';
import type { Plan } from './plan/plan';
import type { PlannedFile } from './planner/planner';
import { TerminalRecorder } from './terminal/terminalRecorder';

export interface CodeFeatureParts {
  context: vscode.ExtensionContext;
  engine: Engine;
  readiness: ModelReadiness;
  asker: ModelAsker;
  /** The measured speed of reading. */
  rate: PrefillRate;
  read: ReadSetting;
  editors: EditorTracker;
  reviews: ReviewController;
  /** Streams answers into reviews. */
  answers: AnswerReviews;
  chat: ChatFeature;
  /** Every model on the machine. */
  models: () => Promise<readonly LibraryEntry[]>;
  /** The plan of a file under the present settings, by formulas. */
  preview: (file: PlannedFile) => Promise<Plan>;
  /** Makes a file the model in use, and loads it. */
  loadFile: (modelPath: string, signal?: AbortSignal) => Promise<void>;
  log: Logger;
}

/** What serves where the code is. Each part registers little, and is loaded when it is first used. */
export function createCodeFeatures(parts: CodeFeatureParts) {
  const { editors, chat, log } = parts;
  const owned: { dispose(): unknown }[] = [];
  const own = ownedBy(owned);
  const terminal = own(new TerminalRecorder());
  const mentions = lazyContext({ editors, terminal });
  own(chat.addSource({ trigger: '@', ...mentions }));
  const inlineChat = own(lazyInlineChat({ ...parts, sources: mentions }));
  const ghost = own(registerGhost(parts));
  const nativeChat = own(lazyNativeChat(parts));
  const actions = own(lazyActions({ ...parts, chat: chat.asker, terminal, sources: mentions }));
  own(chat.addSource(actions.prompts));
  return {
    /** Whether suggestions come while one types; undefined where no loaded model can. */
    ghostState: () => ghost.state,
    /** Stops answers outside of the chat; false where none is being made. */
    stop: () => [inlineChat.stop(), nativeChat.stop(), actions.stop()].includes(true),
    /** Of the commands of all parts, for `registerCommands`. */
    handlers: {
      ...{ ...inlineChat.handlers, ...ghost.handlers, ...nativeChat.handlers },
      ...actions.handlers,
    },
    dispose() {
      for (const part of owned.reverse()) part.dispose();
      log.debug('What serves in the code has ended.');
    },
  };
}
