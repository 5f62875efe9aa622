import * as path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../errors';
import { formatBytes } from '../status/format';
import type { GgufFile } from './ggufFiles';

type Item = vscode.QuickPickItem & { choice: 'browse' | 'test' | { path: string } };

export interface ModelChoices {
  /** Files of the model's folder and of the settings' folders. */
  files: readonly GgufFile[];
  /** Path in use; its entry says so. */
  current: string | undefined;
  /** Offered along with the files, e.g. where there are none. */
  offerTest: boolean;
}

/** Lets the person choose a file, or to test the engine; undefined where they did not. */
export async function pickModel(choices: ModelChoices): Promise<{ path: string } | 'test' | undefined> {
  const items: Item[] = choices.files.map((file) => ({
    label: path.basename(file.path),
    description: [
      formatBytes(file.sizeBytes),
      ...(file.path === choices.current ? [vscode.l10n.t('in use')] : []),
    ].join(' · '),
    detail: path.dirname(file.path),
    choice: { path: file.path },
  }));
  items.push({ label: vscode.l10n.t('$(folder-opened) Browse…'), choice: 'browse' });
  if (choices.offerTest) {
    items.push({
      label: vscode.l10n.t('$(beaker) Test the engine (not an assistant)'),
      detail: vscode.l10n.t('Downloads a very small model of 98 MB to see that everything works.'),
      choice: 'test',
    });
  }
  const item = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Choose a model'),
    placeHolder: vscode.l10n.t('GGUF files of this model’s folder and of your model folders'),
    matchOnDetail: true,
  });
  if (item?.choice !== 'browse') return item?.choice;
  const browsed = await browseForModel(choices.current);
  return browsed === undefined ? undefined : { path: browsed };
}

/** The system's (or the editor's) dialog for one GGUF file; undefined where the person cancelled. */
export async function browseForModel(current: string | undefined): Promise<string | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Choose a model'),
      openLabel: vscode.l10n.t('Choose'),
      canSelectMany: false,
      filters: { [vscode.l10n.t('GGUF models')]: ['gguf'] },
      ...(current === undefined ? {} : { defaultUri: vscode.Uri.file(path.dirname(current)) }),
    })) ?? [];
  if (!uri) return undefined;
  if (uri.scheme !== 'file') {
    throw new UserError(
      vscode.l10n.t(
        'Models are loaded from a disk of the machine that runs the engine; {0} is not on it.',
        uri.toString(true),
      ),
    );
  }
  return uri.fsPath;
}
