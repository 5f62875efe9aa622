import { cpus, homedir, release } from 'node:os';
import * as vscode from 'vscode';
import { commandIds } from '../contributions';
import { describeError } from '../errorMessages';
import { readHardware } from '../hardware/hardwareView';
import { realSystem } from '../hardware/system';
import { inspectModelFile } from '../models/modelFile';
import { readRawSetting, readSetting } from '../settings';
import { DoctorPage } from './doctorPage';
import { planFactsFor } from './planFacts';
import type { DoctorParts } from './registerDoctor';

/** Builds Doctor's page, which is loaded when it is first opened. */
export function createDoctorPage(parts: DoctorParts): DoctorPage {
  const { context, engine, vram, log, calibration, configuredPath, facts, findSiblings } = parts;
  const { t } = vscode.l10n;
  const now = () => performance.now();
  const levels = async (modelPath: string) => {
    const file = await inspectModelFile(modelPath);
    return (await findSiblings(file, readSetting('models.folders'))).map(({ path }) => path);
  };
  return new DoctorPage({
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
}

async function saveReport(text: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const uri = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder, 'layercake-report.md'),
    filters: { [vscode.l10n.t('Markdown')]: ['md'] },
  });
  if (uri) await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
}
