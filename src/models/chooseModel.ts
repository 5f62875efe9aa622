import * as path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../errors';
import type { LibraryEntry } from '../library/entry';
import { formatBytes } from '../status/format';

type Item = vscode.QuickPickItem & { choice: 'browse' | 'test' | { path: string } };

export interface ModelChoices {
  /** Every model on this machine; the list shows that it is being looked for. */
  models: Promise<readonly LibraryEntry[]>;
  /** Path in use; its entry says so. */
  current: string | undefined;
  /** Offered along with the files, e.g. where there are none. */
  offerTest: boolean;
}

/** Lets the person choose a file, or to test the engine; undefined where they did not. */
export async function pickModel(choices: ModelChoices): Promise<{ path: string } | 'test' | undefined> {
  const item = await vscode.window.showQuickPick(itemsOf(choices), {
    title: vscode.l10n.t('Choose a model'),
    placeHolder: vscode.l10n.t('Models on this machine'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (item?.choice !== 'browse') return item?.choice;
  const browsed = await browseForModel(choices.current);
  return browsed === undefined ? undefined : { path: browsed };
}

async function itemsOf({ models, current, offerTest }: ModelChoices): Promise<Item[]> {
  const items: Item[] = (await models).flatMap(({ name, path: file, copies, sizeBytes, file: read }) =>
    // What cannot be loaded is told in the list of models.
    read === undefined
      ? []
      : [
          {
            label: name,
            description: [
              read.header.quant,
              formatBytes(sizeBytes),
              ...(copies.some((copy) => copy.path === current) ? [vscode.l10n.t('in use')] : []),
            ].join(' · '),
            detail: file,
            choice: { path: file },
          },
        ],
  );
  items.push({ label: vscode.l10n.t('$(folder-opened) Browse…'), choice: 'browse' });
  if (offerTest) {
    items.push({
      label: vscode.l10n.t('$(beaker) Test the engine (not an assistant)'),
      detail: vscode.l10n.t('Downloads a very small model of 98 MB to see that everything works.'),
      choice: 'test',
    });
  }
  return items;
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
