import * as vscode from 'vscode';
import type { GhostState } from '../completion/registerGhost';
import { commandIds, type CommandName } from '../contributions';
import { UserError } from '../errors';
import type { LibraryEntry } from '../library/entry';
import { baseName } from '../models/baseName';
import { pickModel } from '../models/chooseModel';
import { loadSettingsFor } from '../models/loadSettings';
import type { ModelFile } from '../models/modelFile';
import type { ModelLoader } from '../models/modelLoader';
import { saveOwnValue } from '../models/saveLoadSettings';
import { askPin } from './askPin';
import { calibrate, type CalibrateDeps } from './calibrate';
import { controlItems } from './controlItems';
import type { PinName } from './pins';
import { showPlan, type PlanPickDeps } from './planPick';

export interface ControlDeps extends CalibrateDeps, PlanPickDeps {
  loader: ModelLoader;
  /** Rejects with `EngineError` for a file that is no good. */
  inspect: (path: string) => Promise<ModelFile>;
  /** Every model on this machine. */
  listModels: () => Promise<readonly LibraryEntry[]>;
  showLog: () => void;
  /** Stops the running answer and what waits behind it. */
  stop: () => void;
  testEngine: () => Promise<void>;
  /** undefined: no loaded model can fill in. */
  ghostState: () => GhostState | undefined;
}

export type ControlCommand = Extract<
  CommandName,
  | 'showControls'
  | 'chooseModel'
  | 'loadModel'
  | 'unloadModel'
  | 'restartEngine'
  | 'testEngine'
  | 'setGpuLayers'
  | 'setContextSize'
  | 'showPlan'
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
    restartEngine: async () => {
      // One that hangs is killed, after some seconds.
      await loader.unload();
      if (loader.configuredPath() !== undefined) await loader.load();
    },
    testEngine: () => deps.testEngine(),
    setGpuLayers: () => setPin(deps, 'gpuLayers'),
    setContextSize: () => setPin(deps, 'contextSize'),
    showPlan: () => showPlan(deps),
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

async function showControls({ engine, loader, ghostState }: ControlDeps): Promise<void> {
  const path = loader.configuredPath();
  const items = controlItems(
    engine.snapshot,
    path === undefined ? undefined : baseName(path),
    ghostState(),
    vscode.l10n.t,
  ).map((item) => ({ ...item, label: `$(${item.icon}) ${item.label}` }));
  const item = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Layercake') });
  if (item) await vscode.commands.executeCommand(commandIds[item.command]);
}

async function chooseModel(deps: ControlDeps): Promise<void> {
  const { loader, listModels, inspect, write } = deps;
  const current = loader.configuredPath();
  const choice = await pickModel({
    models: listModels(),
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

/** Asks for a value within what the file allows, keeps it for this file and loads again. */
async function setPin(deps: ControlDeps, name: PinName): Promise<void> {
  const { loader, inspect, read, write } = deps;
  const path = loader.configuredPath();
  if (path === undefined) {
    throw new UserError(vscode.l10n.t('No model is chosen yet. Choose a GGUF file first.'));
  }
  const before = loadSettingsFor(path, read).options[name];
  const answer = await askPin(name, await inspect(path), before);
  if (answer === undefined || answer.value === before) return;
  await saveOwnValue(path, name, answer.value, read, write);
  await loader.load();
}
