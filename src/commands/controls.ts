import * as vscode from 'vscode';
import { commandIds, type CommandName } from '../contributions';
import { UserError } from '../errors';
import { baseName } from '../models/baseName';
import { pickModel } from '../models/chooseModel';
import type { GgufFile } from '../models/ggufFiles';
import { loadSettingsFor, type ReadSetting } from '../models/loadSettings';
import type { ModelFile } from '../models/modelFile';
import type { ModelLoader } from '../models/modelLoader';
import { saveOwnValue, type WriteSetting } from '../models/saveLoadSettings';
import { calibrate, type CalibrateDeps } from './calibrate';
import { controlItems, parseNumberInput, type NumberBounds } from './controlItems';

export interface ControlDeps extends CalibrateDeps {
  loader: ModelLoader;
  read: ReadSetting;
  write: WriteSetting;
  /** Rejects with `EngineError` for a file that is no good. */
  inspect: (path: string) => Promise<ModelFile>;
  /** GGUF files of the model's folder and of the settings' folders. */
  listModels: () => Promise<GgufFile[]>;
  openSettingsPage: () => Promise<void>;
  showLog: () => void;
  /** Stops the running answer and what waits behind it. */
  stop: () => void;
  testEngine: () => Promise<void>;
}

export type ControlCommand = Extract<
  CommandName,
  | 'showControls'
  | 'chooseModel'
  | 'loadModel'
  | 'unloadModel'
  | 'testEngine'
  | 'setGpuLayers'
  | 'setContextSize'
  | 'stop'
  | 'openSettings'
  | 'calibrate'
  | 'showLog'
>;

/** Handlers of the commands that steer the engine. Failures are thrown; whoever runs a command shows them. */
export function controlCommands(deps: ControlDeps): Record<ControlCommand, () => Promise<void>> {
  const { loader } = deps;
  return {
    showControls: () => showControls(deps),
    chooseModel: () => chooseModel(deps),
    loadModel: async () => {
      if (loader.configuredPath() === undefined) await chooseModel(deps);
      else await loader.load();
    },
    unloadModel: () => loader.unload(),
    testEngine: () => deps.testEngine(),
    setGpuLayers: () => setGpuLayers(deps),
    setContextSize: () => setContextSize(deps),
    stop: async () => {
      deps.stop();
      await loader.cancel();
    },
    openSettings: () => deps.openSettingsPage(),
    calibrate: () => calibrate(deps),
    showLog: () => {
      deps.showLog();
      return Promise.resolve();
    },
  };
}

async function showControls({ engine, loader }: ControlDeps): Promise<void> {
  const path = loader.configuredPath();
  const items = controlItems(
    engine.snapshot,
    path === undefined ? undefined : baseName(path),
    vscode.l10n.t,
  ).map((item) => ({ ...item, label: `$(${item.icon}) ${item.label}` }));
  const item = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Layercake') });
  if (item) await vscode.commands.executeCommand(commandIds[item.command]);
}

async function chooseModel(deps: ControlDeps): Promise<void> {
  const { loader, listModels, inspect, write } = deps;
  const current = loader.configuredPath();
  const choice = await pickModel({
    files: await listModels(),
    current,
    offerTest: current === undefined,
  });
  if (choice === undefined) return;
  if (choice === 'test') {
    await deps.testEngine();
    return;
  }
  // A file that is no good leaves the settings as they are.
  await inspect(choice.path);
  await write('model.path', choice.path);
  await loader.load();
}

async function setGpuLayers(deps: ControlDeps): Promise<void> {
  await setNumber(deps, 'gpuLayers', ({ totalLayers }) => ({
    title: vscode.l10n.t('GPU layers'),
    prompt: vscode.l10n.t(
      'Layers on the graphics card, 0 to {0} for this file. Empty: as many as fit.',
      totalLayers,
    ),
    min: 0,
    max: totalLayers,
  }));
}

async function setContextSize(deps: ControlDeps): Promise<void> {
  await setNumber(deps, 'contextSize', ({ trainContextSize }) => ({
    title: vscode.l10n.t('Context size'),
    prompt: vscode.l10n.t(
      'Tokens, {0} to {1} for this file. Empty: what it was trained for, at most 8,192.',
      256,
      trainContextSize,
    ),
    min: 256,
    max: Math.max(256, trainContextSize),
  }));
}

/** Asks for a number within what the file allows, keeps it for this file and loads again. */
async function setNumber(
  deps: ControlDeps,
  name: 'gpuLayers' | 'contextSize',
  boundsOf: (file: ModelFile) => NumberBounds & { title: string; prompt: string },
): Promise<void> {
  const { loader, inspect, read, write } = deps;
  const path = loader.configuredPath();
  if (path === undefined) {
    throw new UserError(vscode.l10n.t('No model is chosen yet. Choose a GGUF file first.'));
  }
  const bounds = boundsOf(await inspect(path));
  const before = loadSettingsFor(path, read).options[name];
  const input = await vscode.window.showInputBox({
    title: bounds.title,
    prompt: bounds.prompt,
    value: before === null ? '' : String(before),
    placeHolder: vscode.l10n.t('automatic'),
    validateInput: (text) => {
      const parsed = parseNumberInput(text, bounds, vscode.l10n.t);
      return parsed.kind === 'problem' ? parsed.message : undefined;
    },
  });
  if (input === undefined) return;
  const parsed = parseNumberInput(input, bounds, vscode.l10n.t);
  if (parsed.kind === 'problem' || parsed.value === before) return;
  await saveOwnValue(path, name, parsed.value, read, write);
  await loader.load();
}
