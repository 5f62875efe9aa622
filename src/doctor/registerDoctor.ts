import { cpus, homedir, release } from 'node:os';
import * as vscode from 'vscode';
import { commandIds } from '../contributions';
import type { Engine } from '../engineClient/engine';
import { describeError } from '../errorMessages';
import { readHardware } from '../hardware/hardwareView';
import { realSystem } from '../hardware/system';
import type { VramReader } from '../hardware/vram';
import type { Logger } from '../log';
import { inspectModelFile, type ModelFile } from '../models/modelFile';
import type { ModelFileView } from '../protocol/webview';
import { readRawSetting, readSetting } from '../settings';
import { DoctorPage } from './doctorPage';
import { planFactsFor, type PlanFactsDeps } from './planFacts';
import type { RunDeps } from './run';
import { UnaskedWatch } from './unasked';

export interface DoctorParts extends Pick<RunDeps, 'calibration'> {
  context: vscode.ExtensionContext;
  engine: Engine;
  vram: VramReader;
  log: Logger;
  /** The file that the settings name. */
  configuredPath: () => string | undefined;
  facts: Omit<PlanFactsDeps, 'levels'>;
  /** Files of the same model, this one included. */
  findSiblings: (file: ModelFile, folders: readonly string[]) => Promise<ModelFileView[]>;
}

export interface RegisteredDoctor {
  handlers: { doctor: () => Promise<void> };
  dispose(): void;
}

/** Builds Doctor: its page, and the watch that speaks unasked. */
export function registerDoctor(parts: DoctorParts): RegisteredDoctor {
  const { context, engine, vram, log, calibration, configuredPath, facts, findSiblings } = parts;
  const { t } = vscode.l10n;
  const now = () => performance.now();
  const levels = async (modelPath: string) => {
    const file = await inspectModelFile(modelPath);
    return (await findSiblings(file, readSetting('models.folders'))).map(({ path }) => path);
  };
  const page = new DoctorPage({
    ...{ engine, calibration, log, t, now },
    modelChosen: () => configuredPath() !== undefined,
    planFacts: async () => {
      const path = engine.snapshot.model?.path ?? configuredPath();
      return path === undefined ? undefined : await planFactsFor(path, { ...facts, levels });
    },
    extensionUri: context.extensionUri,
    system: realSystem,
    arch: process.arch,
    cpuName: () => cpus()[0]?.model.trim() || undefined,
    hardware: () => readHardware(realSystem, vram, engine.snapshot),
    vram: () => vram.read(),
    describe: (error) => describeError(error)?.message ?? '',
    settings: readRawSetting,
    versions: {
      extension: String((context.extension.packageJSON as { version?: unknown }).version),
      editor: `${vscode.env.appName} ${vscode.version}${vscode.env.remoteName === undefined ? '' : ` (${vscode.env.remoteName})`}`,
      system: `${process.platform} ${process.arch} ${release()}`,
    },
    privateFolders: () => [
      homedir(),
      context.extensionUri.fsPath,
      context.globalStorageUri.fsPath,
      ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
    ],
    act: (action) => void vscode.commands.executeCommand(commandIds[action]),
    copy: (text) => vscode.env.clipboard.writeText(text),
    save: saveReport,
    showError: (message) => void vscode.window.showErrorMessage(message),
  });
  const watch = new UnaskedWatch({
    ...{ engine, now, t, system: realSystem },
    examining: () => page.examining,
    offer: (message) => void offerDoctor(message),
  });
  return {
    handlers: { doctor: () => page.open() },
    dispose: () => {
      watch.dispose();
      page.dispose();
    },
  };
}

async function offerDoctor(message: string): Promise<void> {
  const run = vscode.l10n.t('Run Doctor');
  const choice = await vscode.window.showWarningMessage(message, run);
  if (choice === run) await vscode.commands.executeCommand(commandIds.doctor);
}

async function saveReport(text: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const uri = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder, 'layercake-report.md'),
    filters: { [vscode.l10n.t('Markdown')]: ['md'] },
  });
  if (uri) await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
}
