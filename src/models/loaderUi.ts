import * as vscode from 'vscode';
import { describeSettingProblem, type SettingProblem } from '../settingsParse';
import type { LoaderUi } from './modelLoader';

/** Shows loads as notifications with a Cancel button, and each unusable setting once. */
export function createLoaderUi(showProblem: (problem: SettingProblem) => void): LoaderUi {
  return {
    withProgress: (fileName, run) =>
      Promise.resolve(
        vscode.window.withProgress(
          {
            location: vscode.ProgressLocation.Notification,
            title: vscode.l10n.t('Loading {0}', fileName),
            cancellable: true,
          },
          async (progress, token) => {
            const abort = new AbortController();
            token.onCancellationRequested(() => abort.abort());
            let shown = 0;
            let told = '';
            return run((fraction, step) => {
              const percent = Math.max(shown, Math.floor(fraction * 100));
              const message =
                step === 'measuring'
                  ? vscode.l10n.t('Measuring this machine, once (up to 10 s). {0} %', percent)
                  : `${percent} %`;
              if (message === told) return;
              progress.report({ increment: percent - shown, message });
              shown = percent;
              told = message;
            }, abort.signal);
          },
        ),
      ),
    announce: (message) => {
      void vscode.window.showInformationMessage(message);
    },
    showProblems: (problems) => {
      for (const problem of problems) showProblem(problem);
    },
  };
}

/** Shows what is wrong with a setting, with a way to it; the same problem is told once. */
export function createProblemNotice(): (problem: SettingProblem) => void {
  const told = new Set<string>();
  return (problem) => {
    const message = describeSettingProblem(problem, vscode.l10n.t);
    if (told.has(message)) return;
    told.add(message);
    const open = vscode.l10n.t('Open settings');
    // The part before a file's own path is what the settings editor can find.
    const [setting] = problem.setting.split('[');
    void vscode.window.showWarningMessage(message, open).then((choice) => {
      if (choice === open) {
        void vscode.commands.executeCommand('workbench.action.openSettings', setting ?? problem.setting);
      }
    });
  };
}
