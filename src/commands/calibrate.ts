import * as vscode from 'vscode';
import { commandIds } from '../contributions';
import type { Engine } from '../engineClient/engine';
import type { Calibrator } from '../planner/calibrator';
import { describeCalibration } from './calibrationWords';

export interface CalibrateDeps {
  engine: Pick<Engine, 'snapshot'>;
  calibrator: Pick<Calibrator, 'measure'>;
}

/** Measures the machine, with progress that can be cancelled, and tells what was measured. */
export async function calibrate({ engine, calibrator }: CalibrateDeps): Promise<void> {
  const { state, model } = engine.snapshot;
  const answering = state.kind === 'prefilling' || state.kind === 'generating';
  if (answering && !(await confirm())) return;
  const measured = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Measuring this machine (some ten seconds)'),
      cancellable: true,
    },
    async (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      let shown = 0;
      return await calibrator.measure((fraction) => {
        const percent = Math.floor(fraction * 100);
        progress.report({ increment: percent - shown, message: `${percent} %` });
        shown = percent;
      }, abort.signal);
    },
  );
  const text = describeCalibration(measured, vscode.l10n.t);
  // Whoever ran the command need not wait for the message to be closed.
  void tell(
    model === undefined ? text : `${text} ${vscode.l10n.t('The model was unloaded for it.')}`,
    model !== undefined,
  );
}

async function confirm(): Promise<boolean> {
  const measure = vscode.l10n.t('Measure');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('Measuring ends the answer under way and unloads the model.'),
    { modal: true },
    measure,
  );
  return choice === measure;
}

async function tell(message: string, offerLoad: boolean): Promise<void> {
  const load = vscode.l10n.t('Load Model');
  const choice = await vscode.window.showInformationMessage(message, ...(offerLoad ? [load] : []));
  if (choice === load) await vscode.commands.executeCommand(commandIds.loadModel);
}
