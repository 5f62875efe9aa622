import * as vscode from 'vscode';
import type { ChatFeature } from './chat/registerChat';
import { commandIds } from './contributions';
import type { Models } from './createModels';
import { registerDoctor, type RegisteredDoctor } from './doctor/registerDoctor';
import type { Engine } from './engineClient/engine';
import { describeError, describeFailure } from './errorMessages';
import { readHardware } from './hardware/hardwareView';
import { realSystem } from './hardware/system';
import type { VramReader } from './hardware/vram';
import { VramMonitor, type WindowFocus } from './hardware/vramMonitor';
import type { Own } from './lifecycle';
import { baseName } from './models/baseName';
import { browseForModel } from './models/chooseModel';
import { inspectModelFile } from './models/modelFile';
import { onDidChangeSettings, readRawSetting, writeSetting } from './settings';
import { SettingsPage } from './settingsPage/settingsPage';
import { followEngine } from './status/contextKeys';
import { StatusBar } from './status/statusBar';

export interface PagesParts {
  context: vscode.ExtensionContext;
  engine: Engine;
  vram: VramReader;
  models: Models;
  chat: ChatFeature;
  focus: WindowFocus;
  log: vscode.LogOutputChannel;
  own: Own;
}

/** What shows the engine's state: status bar, context keys, settings page, Doctor. */
export function createPages(parts: PagesParts): { settingsPage: SettingsPage; doctor: RegisteredDoctor } {
  const { context, engine, vram, models, chat, focus, log, own } = parts;
  const { plans, loader, findSiblings } = models;
  const monitor = own(new VramMonitor(engine, vram, focus));
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
      ...{ engine, loader, monitor, findSiblings, describeFailure, describeError, log, t: vscode.l10n.t },
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
  return { settingsPage, doctor };
}

const pageCommands = {
  testEngine: commandIds.testEngine,
  openSettingsJson: 'workbench.action.openSettingsJson',
  showLog: commandIds.showLog,
};
