import * as vscode from 'vscode';
import { settingDefaults } from '../contributions';
import { isPinnedFile } from '../fetch/verify';
import type { Logger } from '../log';
import { readSetting, writeSetting } from '../settings';
import { starterModel } from './catalogue';
import { createDownloadUi, editorProxy } from './downloadUi';
import { runFetch } from './fetchProcess';
import type { ModelLoader } from './modelLoader';
import { testWithStarter } from './starter';

export interface TestEngineParts {
  /** Folder in the extension's storage that fetched models are kept in. */
  folder: string;
  /** Path of `fetch.mjs`. */
  fetchPath: string;
  loader: Pick<ModelLoader, 'configuredPath' | 'load'>;
  logger: Logger;
}

/** The handler of "Test the engine (not an assistant)". Failures are thrown, as `UserError` or by the load. */
export function createTestEngine(parts: TestEngineParts): () => Promise<void> {
  const { folder, fetchPath, loader, logger } = parts;
  return () =>
    testWithStarter({
      folder,
      isThere: (file) => isPinnedFile(file, starterModel),
      endpoint: () => {
        const endpoint = readSetting('models.endpoint');
        // Left at the default, the environment's own variables for a mirror hold.
        return endpoint === settingDefaults['models.endpoint'] ? undefined : endpoint;
      },
      fetch: (fetchArguments, onMessage, signal) =>
        runFetch({
          runtime: process.execPath,
          script: fetchPath,
          arguments: fetchArguments,
          proxy: editorProxy(),
          ...{ onMessage, signal, logger },
        }),
      configuredPath: () => loader.configuredPath(),
      setModelPath: (file) => writeSetting('model.path', file),
      load: () => loader.load(),
      ui: createDownloadUi(),
      t: vscode.l10n.t,
    });
}
