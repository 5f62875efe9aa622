import * as vscode from 'vscode';
import { controlCommands } from './commands/controls';
import { registerCommands } from './commands/registerCommands';
import type { SettingKey } from './contributions';
import { createChat } from './createChat';
import { createCodeFeatures } from './createCodeFeatures';
import { createEngine } from './createEngine';
import { createModels } from './createModels';
import { createPages } from './createPages';
import type { Plans } from './createPlans';
import { createPolicy } from './createPolicy';
import type { AnswerReviews } from './edit/answerReview';
import type { ReviewController } from './edit/reviewController';
import { realSystem } from './hardware/system';
import { VramReader } from './hardware/vram';
import type { WindowFocus } from './hardware/vramMonitor';
import type { LazyLibrary } from './library/lazyLibrary';
import { ownedBy } from './lifecycle';
import { createProblemNotice } from './models/loaderUi';
import { inspectModelFile } from './models/modelFile';
import { readRawSetting, readSetting, writeSetting } from './settings';

/** For the suites that run in the editor. */
export interface ExtensionApi {
  openReview: ReviewController['open'];
  answers: AnswerReviews;
  acceptChanges: ReviewController['accept'];
  plans: Plans['shown'];
  models: LazyLibrary['entries'];
  /** Time that `activate` took. */
  activationMs: number;
}

export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const started = performance.now();
  const own = ownedBy(context.subscriptions);
  const log = own(vscode.window.createOutputChannel('Layercake', { log: true }));
  const showProblem = createProblemNotice();
  const read = <K extends SettingKey>(key: K) => readSetting(key, showProblem);

  const engine = own(createEngine(context, log));
  own(createPolicy(engine, read, focus));
  const vram = new VramReader(realSystem);
  const models = createModels({ context, engine, vram, showProblem, log, own });
  const { plans, loader, library, get, changeQuant, testEngine, loadFile } = models;
  const { chat, editors, reviews, answers, asker, rate, editorCommands } = createChat({
    ...{ context, engine, models, read, log, own },
  });
  const { settingsPage, doctor } = createPages({ context, engine, vram, models, chat, focus, log, own });
  const codeFeatures = own(
    createCodeFeatures({
      ...{ context, read, editors, reviews, answers, chat, asker, log, loadFile },
      ...{ rate, readiness: loader },
      ...{ engine: plans.engine, models: library.entries, preview: plans.preview },
    }),
  );
  const controls = controlCommands({
    ...{ engine, loader, listModels: () => library.entries(true), inspect: inspectModelFile },
    ...{ read: readRawSetting, write: writeSetting, calibrator: plans.calibrator, plans: plans.shown },
    openSettingsPage: () => settingsPage.open(),
    showLog: () => log.show(),
    stop: () => {
      if (!chat.stop()) codeFeatures.stop();
    },
    testEngine,
    ghostState: codeFeatures.ghostState,
  });
  const handlers = {
    ...{ ...controls, ...doctor.handlers, ...chat.handlers, changeQuant },
    ...{ ...editorCommands.handlers, ...reviews.handlers, ...library.handlers, ...get.handlers },
    ...codeFeatures.handlers,
  };
  own(registerCommands(handlers, log));
  const activationMs = performance.now() - started;
  log.info(`Activated in ${activationMs.toFixed(1)} ms`);
  const acceptChanges = reviews.accept.bind(reviews);
  return {
    openReview: reviews.open,
    answers,
    acceptChanges,
    plans: plans.shown,
    models: library.entries,
    activationMs,
  };
}

const focus: WindowFocus = {
  get focused() {
    return vscode.window.state.focused;
  },
  onDidChange: vscode.window.onDidChangeWindowState,
};
