import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { ModelAsker } from './ask/modelAsker';
import { PrefillRate } from './ask/prefillRate';
import { registerChat, type ChatFeature } from './chat/registerChat';
import type { ReadSetting } from './chat/requestSettings';
import { EditorCommands } from './commands/editorCommands';
import type { Models } from './createModels';
import { AnswerReviews } from './edit/answerReview';
import { CodeApplier } from './edit/applyCode';
import { EditorTracker } from './edit/editorTracker';
import { ReviewController } from './edit/reviewController';
import type { Engine } from './engineClient/engine';
import { describeFailure } from './errorMessages';
import type { Own } from './lifecycle';
import { engineView } from './models/engineView';

export interface ChatParts {
  context: vscode.ExtensionContext;
  engine: Engine;
  models: Models;
  read: ReadSetting;
  log: vscode.LogOutputChannel;
  own: Own;
}

export interface Chat {
  chat: ChatFeature;
  editors: EditorTracker;
  reviews: ReviewController;
  /** Streams answers into reviews. */
  answers: AnswerReviews;
  /** Asks outside of the chat view, at the speed that is measured in it too. */
  asker: ModelAsker;
  /** The speed of reading, measured or planned. */
  rate: PrefillRate;
  editorCommands: EditorCommands;
}

/** The chat, the commands that ask in it, and the review that their answers end in. */
export function createChat({ context, engine, models, read, log, own }: ChatParts): Chat {
  const { plans, loader, get, library } = models;
  const rate = new PrefillRate(async (modelPath) => {
    try {
      return (await plans.preview(await plans.open(modelPath))).rates.prefill;
    } catch (error) {
      log.debug(`No speed of reading is expected of ${modelPath}: ${String(error)}`);
      return undefined;
    }
  });
  const editors = own(new EditorTracker());
  const reviews = own(new ReviewController());
  const answers = new AnswerReviews(reviews);
  const chat = own(
    registerChat({
      ...{ context, read, describeFailure, editors, log, rate, readiness: loader },
      engine: plans.engine,
      engineView: () => engineView(engine.snapshot, loader.configuredPath(), describeFailure),
      applyCode: new CodeApplier(editors, reviews.open).apply,
      offers: async () =>
        loader.configuredPath() === undefined
          ? get.firstOffers({ models: library.entries, preview: plans.preview })
          : undefined,
    }),
  );
  own(models.onModel(() => chat.refreshOffers()));
  return {
    ...{ chat, editors, reviews, rate, answers },
    asker: new ModelAsker({ engine: plans.engine, readiness: loader, read, rate, describeFailure }),
    editorCommands: new EditorCommands({
      ...{ editors, asker: chat.asker, answers, newId: randomUUID },
      askPerson: (options) => vscode.window.showInputBox(options),
    }),
  };
}
