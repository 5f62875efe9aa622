import * as vscode from 'vscode';
import { commandIds } from '../contributions';
import type { Engine } from '../engineClient/engine';
import { realSystem } from '../hardware/system';
import type { VramReader } from '../hardware/vram';
import type { Logger } from '../log';
import type { ModelFile } from '../models/modelFile';
import type { ModelFileView } from '../protocol/webview';
import type { DoctorPage } from './doctorPage';
import type { PlanFactsDeps } from './planFacts';
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
  const { engine } = parts;
  let page: DoctorPage | undefined;
  const load = async () => {
    const { createDoctorPage } = await import('./createDoctorPage');
    return (page ??= createDoctorPage(parts));
  };
  const watch = new UnaskedWatch({
    ...{ engine, now: () => performance.now(), t: vscode.l10n.t, system: realSystem },
    examining: () => page?.examining ?? false,
    offer: (message) => void offerDoctor(message),
  });
  return {
    handlers: { doctor: async () => (await load()).open() },
    dispose: () => {
      watch.dispose();
      page?.dispose();
    },
  };
}

async function offerDoctor(message: string): Promise<void> {
  const run = vscode.l10n.t('Run Doctor');
  const choice = await vscode.window.showWarningMessage(message, run);
  if (choice === run) await vscode.commands.executeCommand(commandIds.doctor);
}
