import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { ModelAsker } from './ask/modelAsker';
import { PrefillRate } from './ask/prefillRate';
import { lazyChangeQuant } from './changeQuant/lazyChangeQuant';
import { registerChat } from './chat/registerChat';
import { controlCommands } from './commands/controls';
import { EditorCommands } from './commands/editorCommands';
import { registerCommands } from './commands/registerCommands';
import { commandIds, type SettingKey } from './contributions';
import { createCodeFeatures } from './createCodeFeatures';
import { createEngine } from './createEngine';
import { createPlans, type Plans } from './createPlans';
import { createPolicy } from './createPolicy';
import { registerDoctor } from './doctor/registerDoctor';
import { CodeApplier } from './edit/applyCode';
import { EditorTracker } from './edit/editorTracker';
import { ReviewController } from './edit/reviewController';
import { describeError, describeFailure } from './errorMessages';
import { lazyGet } from './get/lazyGet';
import { readHardware } from './hardware/hardwareView';
import { realSystem } from './hardware/system';
import { VramReader } from './hardware/vram';
import { VramMonitor, type WindowFocus } from './hardware/vramMonitor';
import { lazyLibrary, type LazyLibrary } from './library/lazyLibrary';
import { baseName } from './models/baseName';
import { browseForModel } from './models/chooseModel';
import { engineView } from './models/engineView';
import { createLoaderUi, createProblemNotice } from './models/loaderUi';
import { inspectModelFile } from './models/modelFile';
import { createSiblings } from './models/modelFiles';
import { ModelLoader } from './models/modelLoader';
import { createQuantize } from './models/quantizeProcess';
import { createTestEngine } from './models/testEngine';
import { onDidChangeSettings, readRawSetting, readSetting, writeSetting } from './settings';
import { SettingsPage } from './settingsPage/settingsPage';
import { followEngine } from './status/contextKeys';
import { StatusBar } from './status/statusBar';

/** For the suites that run in the editor. */
export interface ExtensionApi {
  openReview: ReviewController['open'];
  plans: Plans['shown'];
  models: LazyLibrary['entries'];
  /** Time that `activate` took. */
  activationMs: number;
}

export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const started = performance.now();
  const own = <T extends { dispose(): unknown }>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  const { t } = vscode.l10n;
  const log = own(vscode.window.createOutputChannel('Layercake', { log: true }));
  const showProblem = createProblemNotice();
  const read = <K extends SettingKey>(key: K) => readSetting(key, showProblem);

  const engine = own(createEngine(context, log));
  own(createPolicy(engine, read, windowFocus));
  const vram = new VramReader(realSystem);
  const loaderUi = createLoaderUi(showProblem);
  const quantizePath = vscode.Uri.joinPath(context.extensionUri, 'dist', 'quantize.mjs').fsPath;
  const quantize = createQuantize(engine, quantizePath, log);
  const plans = createPlans({
    ...{ engine, vram, log, announce: loaderUi.announce },
    models: async () => (await library.entries()).flatMap(({ path, file }) => (file ? [path] : [])),
    quantize,
    folder: context.globalStorageUri.fsPath,
  });
  const loader = new ModelLoader({
    ...{ engine, t, read: readRawSetting, ui: loaderUi },
    load: (form, report, signal) => plans.loader.load(form, report, signal),
  });
  const findSiblings = createSiblings({ models: () => library.found(), open: plans.open });
  const modelsFolder = vscode.Uri.joinPath(context.globalStorageUri, 'models').fsPath;
  const fetchPath = vscode.Uri.joinPath(context.extensionUri, 'dist', 'fetch.mjs').fsPath;
  const loadFile = async (modelPath: string) => {
    await writeSetting('model.path', modelPath);
    await loader.load();
  };
  const downloadFolder = () => read('models.downloadFolder').trim() || modelsFolder;
  const get = own(
    lazyGet({
      ...{ secrets: context.secrets, advise: plans.advise, load: loadFile, fetchPath, log },
      recordsFolder: vscode.Uri.joinPath(context.globalStorageUri, 'downloads').fsPath,
      ...{ downloadFolder },
      onModel: () => {
        library.refresh();
        chat.refreshOffers();
      },
    }),
  );
  const library = own(
    lazyLibrary({
      ...{ engine, loader, log, write: writeSetting, downloads: get },
      ...{ read: plans.read, open: plans.open, preview: plans.preview },
      // What was downloaded before the setting changed stays where it is.
      ownFolders: () =>
        [read('models.downloadFolder').trim(), modelsFolder].filter((folder) => folder !== ''),
    }),
  );
  const monitor = own(new VramMonitor(engine, vram, windowFocus));

  const rate = new PrefillRate();
  const editors = own(new EditorTracker());
  const reviews = own(new ReviewController());
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
  const editorCommands = new EditorCommands({
    ...{ editors, asker: chat.asker, openReview: reviews.open, newId: randomUUID },
    askPerson: (options) => vscode.window.showInputBox(options),
  });

  const status = own(
    new StatusBar({
      ...{ engine, monitor, planned: plans.figures },
      configured: () => {
        const path = loader.configuredPath();
        return path === undefined ? undefined : baseName(path);
      },
      describe: (failure) => describeFailure(failure).message,
    }),
  );
  own(onDidChangeSettings(['model.path'], () => status.refresh()));
  own(chat.onDidChangeContext((view) => status.showContext(view)));
  own(followEngine(engine, (key, value) => void vscode.commands.executeCommand('setContext', key, value)));

  const settingsPage = own(
    new SettingsPage({
      ...{ engine, loader, monitor, findSiblings, describeFailure, describeError, log, t },
      ...{ read: readRawSetting, write: writeSetting, inspect: inspectModelFile, browse: browseForModel },
      extensionUri: context.extensionUri,
      plans: plans.source,
      hardware: () => readHardware(realSystem, vram, engine.snapshot),
      run: (command) => void vscode.commands.executeCommand(pageCommands[command]),
    }),
  );
  const doctor = own(
    registerDoctor({
      ...{ context, engine, vram, log, findSiblings },
      ...{ calibration: plans.calibration, facts: plans.facts },
      configuredPath: () => loader.configuredPath(),
    }),
  );
  const changeQuant = lazyChangeQuant({
    ...{ engine, quantize, open: plans.open, preview: plans.preview, memory: context.globalState },
    configuredPath: () => loader.configuredPath(),
    ownFolder: downloadFolder,
    load: loadFile,
    onMade: library.refresh,
  });
  own(
    createCodeFeatures({
      ...{ context, read, editors, reviews, chat, log, loadFile, readiness: loader },
      ...{ engine: plans.engine, models: library.entries },
      asker: new ModelAsker({ engine: plans.engine, readiness: loader, read, rate, describeFailure }),
    }),
  );
  const controls = controlCommands({
    ...{
      engine,
      loader,
      listModels: library.entries,
      read: readRawSetting,
      write: writeSetting,
      inspect: inspectModelFile,
    },
    ...{ calibrator: plans.calibrator, plans: plans.shown },
    openSettingsPage: () => settingsPage.open(),
    showLog: () => log.show(),
    stop: () => void chat.stop(),
    testEngine: createTestEngine({
      ...{ loader, logger: log },
      folder: modelsFolder,
      fetchPath,
    }),
  });
  own(
    registerCommands(
      {
        ...{ ...controls, ...doctor.handlers, ...chat.handlers, changeQuant },
        ...{ ...editorCommands.handlers, ...reviews.handlers, ...library.handlers, ...get.handlers },
      },
      log,
    ),
  );
  const activationMs = performance.now() - started;
  log.info(`Activated in ${activationMs.toFixed(1)} ms`);
  return { openReview: reviews.open, plans: plans.shown, models: library.entries, activationMs };
}

const windowFocus: WindowFocus = {
  get focused() {
    return vscode.window.state.focused;
  },
  onDidChange: vscode.window.onDidChangeWindowState,
};

const pageCommands = {
  testEngine: commandIds.testEngine,
  openSettingsJson: 'workbench.action.openSettingsJson',
  showLog: commandIds.showLog,
};
