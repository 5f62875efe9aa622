import * as vscode from 'vscode';
import { lazyChangeQuant } from './changeQuant/lazyChangeQuant';
import { createPlans, type Plans } from './createPlans';
import type { Engine } from './engineClient/engine';
import { lazyGet, type LazyGet } from './get/lazyGet';
import type { VramReader } from './hardware/vram';
import { lazyLibrary, type LazyLibrary } from './library/lazyLibrary';
import type { Own } from './lifecycle';
import { createLoaderUi } from './models/loaderUi';
import { createSiblings } from './models/modelFiles';
import { ModelLoader } from './models/modelLoader';
import { createQuantize } from './models/quantizeProcess';
import { createTestEngine } from './models/testEngine';
import { readRawSetting, readSetting, writeSetting } from './settings';
import type { SettingProblem } from './settingsParse';

export interface ModelsParts {
  context: vscode.ExtensionContext;
  engine: Engine;
  vram: VramReader;
  showProblem: (problem: SettingProblem) => void;
  log: vscode.LogOutputChannel;
  own: Own;
}

/** Model files: where they are, how they are planned, loaded, fetched and made. */
export interface Models {
  plans: Plans;
  loader: ModelLoader;
  get: LazyGet;
  library: LazyLibrary;
  findSiblings: ReturnType<typeof createSiblings>;
  /** Makes a file the model in use, and loads it. */
  loadFile: (modelPath: string, signal?: AbortSignal) => Promise<void>;
  changeQuant: ReturnType<typeof lazyChangeQuant>;
  testEngine: () => Promise<void>;
  /** A model was fetched. */
  onModel: vscode.Event<void>;
}

export function createModels({ context, engine, vram, showProblem, log, own }: ModelsParts): Models {
  const storage = (name: string) => vscode.Uri.joinPath(context.globalStorageUri, name).fsPath;
  const program = (name: string) => vscode.Uri.joinPath(context.extensionUri, 'dist', name).fsPath;
  const fetchPath = program('fetch.mjs');
  const modelsFolder = storage('models');
  const ownSetting = () => readSetting('models.downloadFolder', showProblem).trim();
  const downloadFolder = () => ownSetting() || modelsFolder;
  const fetched = own(new vscode.EventEmitter<void>());
  const ui = createLoaderUi(showProblem);
  const quantize = createQuantize(engine, program('quantize.mjs'), log);
  const plans = createPlans({
    ...{ engine, vram, quantize, log, announce: ui.announce },
    models: async () => (await library.entries()).flatMap(({ path, file }) => (file ? [path] : [])),
    folder: context.globalStorageUri.fsPath,
  });
  const loader = new ModelLoader({
    ...{ engine, ui, read: readRawSetting, t: vscode.l10n.t },
    load: (form, report, signal) => plans.loader.load(form, report, signal),
  });
  const loadFile = async (modelPath: string, signal?: AbortSignal) => {
    await writeSetting('model.path', modelPath);
    await loader.load(signal === undefined ? {} : { signal });
  };
  const get = own(
    lazyGet({
      ...{ advise: plans.advise, load: loadFile, fetchPath, downloadFolder, log },
      secrets: context.secrets,
      recordsFolder: storage('downloads'),
      onModel: () => {
        library.refresh();
        fetched.fire();
      },
    }),
  );
  const library = own(
    lazyLibrary({
      ...{ engine, loader, log, write: writeSetting, downloads: get },
      ...{ read: plans.read, open: plans.open, preview: plans.preview },
      // What was downloaded before the setting changed stays where it is.
      ownFolders: () => [ownSetting(), modelsFolder].filter((folder) => folder !== ''),
    }),
  );
  const changeQuant = lazyChangeQuant({
    ...{ engine, quantize, open: plans.open, preview: plans.preview, memory: context.globalState },
    configuredPath: () => loader.configuredPath(),
    ownFolder: downloadFolder,
    load: loadFile,
    onMade: library.refresh,
  });
  return {
    ...{ plans, loader, get, library, loadFile, changeQuant, onModel: fetched.event },
    findSiblings: createSiblings({ models: () => library.found(), open: plans.open }),
    testEngine: createTestEngine({ loader, fetchPath, logger: log, folder: modelsFolder }),
  };
}
