import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { ReadSetting } from '../chat/requestSettings';
import { ProjectFiles } from '../context/projectFiles';
import { commandIds } from '../contributions';
import type { Engine } from '../engineClient/engine';
import type { Logger } from '../log';
import { baseName } from '../models/baseName';
import { crossFileParts } from './crossFile';
import { GhostProvider } from './ghostProvider';
import { GhostTexts, type TooSlow } from './ghostTexts';
import { OpenFiles } from './openFiles';

export interface GhostParts {
  context: Pick<vscode.ExtensionContext, 'globalState'>;
  engine: Engine;
  read: ReadSetting;
  log: Logger;
}

export interface Ghost {
  provider: GhostProvider;
  texts: GhostTexts;
  dispose(): void;
}

/** Models of which it was said that they are too slow: once for all windows to come. */
const toldKey = 'completion.toldTooSlow';

/** All of ghost text, loaded when the first one is wanted. */
export function createGhost({ context, engine, read, log }: GhostParts): Ghost {
  const files = new OpenFiles(new ProjectFiles());
  const texts = new GhostTexts({
    engine,
    settings: () => ({
      enabled: read('completion.enabled'),
      longestWait: read('completion.longestWait'),
      maxTokens: read('completion.maxTokens'),
    }),
    otherFiles: async ({ uri }, near, characters) =>
      crossFileParts(near.slice(-2_000), await files.beside(uri), characters),
    wait: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    onTooSlow: (found) => {
      log.info(
        `Ghost text comes on request alone: ${seconds(found.seconds ?? found.longestWait)} s expected.`,
      );
      const told = context.globalState.get<string[]>(toldKey, []);
      if (told.includes(found.modelPath)) return;
      void context.globalState.update(toldKey, [...told.slice(-50), found.modelPath]);
      void sayTooSlow(found);
    },
  });
  return { provider: new GhostProvider(texts, log), texts, dispose: () => files.dispose() };
}

async function sayTooSlow(found: TooSlow): Promise<void> {
  const { t } = vscode.l10n;
  const name = baseName(found.modelPath);
  const limit = seconds(found.longestWait);
  const what =
    found.seconds === undefined
      ? t('With {0} no ghost text came within {1} s.', name, limit)
      : t('With {0} a ghost text takes about {1} s, longer than {2} s.', name, seconds(found.seconds), limit);
  const key = process.platform === 'darwin' ? 'Cmd+K Cmd+Z' : 'Ctrl+K Ctrl+Z';
  const message = t(
    '{0} From now on it comes on request ({1}). A small model for completions is quicker.',
    what,
    key,
  );
  const [get, change] = [t('Get a Small Model…'), t('Change the Limit')];
  const choice = await vscode.window.showInformationMessage(message, get, change);
  if (choice === get) await vscode.commands.executeCommand(commandIds.getModel);
  if (choice === change) {
    await vscode.commands.executeCommand('workbench.action.openSettings', 'layercake.completion.longestWait');
  }
}

function seconds(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0).replace(/\.0$/, '');
}
