import * as path from 'node:path';
import * as vscode from 'vscode';
import { settingDefaults } from '../contributions';
import { defaultEndpoint } from '../fetch/hubAddress';
import type { Logger } from '../log';
import { editorProxy } from '../models/downloadUi';
import { runFetch } from '../models/fetchProcess';
import type { ModelOffers } from '../protocol/webview';
import { readSetting } from '../settings';
import { formatBytes, formatShare } from '../status/format';
import { DownloadRecords, type DownloadRecord } from './downloadRecords';
import { Downloads } from './downloads';
import { DownloadStatus } from './downloadStatus';
import { firstOffers, type FirstOffersDeps } from './firstOffers';
import { getModel } from './getModel';
import { HubClient } from './hubClient';
import { describeHubFailure, wantsToken } from './hubFailure';
import { HubToken } from './hubToken';
import type { Advise } from './suggestions';

export interface GetParts {
  secrets: vscode.SecretStorage;
  /** Where it is kept which downloads are under way. */
  recordsFolder: string;
  /** Path of `fetch.mjs`. */
  fetchPath: string;
  /** Where downloads go, each to `owner/name` in it. */
  downloadFolder: () => string;
  advise: Advise;
  /** Told of a model that has come. */
  onModel: () => void;
  /** Makes a file the model in use, and loads it. */
  load: (modelPath: string) => Promise<unknown>;
  log: Logger;
}

export interface GetPart {
  downloads: Downloads;
  /** The command; with a repository it begins there. Rejects with `UserError`. */
  getModel: (repository: string | undefined) => Promise<void>;
  firstOffers: (deps: Pick<FirstOffersDeps, 'models' | 'preview'>) => Promise<ModelOffers>;
  /** Takes up what an earlier window left, and offers to go on with it. */
  restore: () => Promise<void>;
  dispose(): void;
}

export function createGet(parts: GetParts): GetPart {
  const { t } = vscode.l10n;
  const token = new HubToken(parts.secrets);
  const hub = new HubClient({
    token: (endpoint) => token.get(endpoint),
    run: (fetchArguments, environment, onMessage, signal) =>
      runFetch({
        ...{ runtime: process.execPath, script: parts.fetchPath, arguments: fetchArguments, environment },
        ...{ onMessage, signal, logger: parts.log, proxy: editorProxy() },
      }),
  });
  const downloads = new Downloads({
    records: new DownloadRecords(parts.recordsFolder),
    fetch: (request, onMessage, signal) => hub.model(request, onMessage, signal),
    mayThrowAway,
    describe: (error, record) => describeHubFailure(error, record, t),
    onDone: ({ label }, file) => {
      parts.onModel();
      void offerToLoad(label, file, parts);
    },
    onFailed: (record, error) => void failed(record, error),
  });
  const failed = async (record: DownloadRecord, error: unknown) => {
    const message = describeHubFailure(error, record, t) ?? '';
    parts.log.error(`The download of ${record.label} failed: ${String(error)}`);
    if (wantsToken(error)) {
      if (await token.ask(message, record)) downloads.resume(record.id);
      return;
    }
    const again = t('Try Again');
    const title = t('{0}: {1}', record.label, message);
    if ((await vscode.window.showErrorMessage(title, again)) === again) downloads.resume(record.id);
  };
  const status = new DownloadStatus(downloads);
  return {
    downloads,
    getModel: (repository) =>
      getModel(repository, {
        ...{ hub, token, downloads, endpoint, advise: parts.advise },
        folderFor: (name) => path.join(parts.downloadFolder(), ...name.split('/')),
      }),
    firstOffers: (deps) => firstOffers({ ...deps, advise: parts.advise, t }),
    restore: async () => {
      if ((await downloads.restore()) > 0) void offerToResume(downloads);
    },
    dispose() {
      status.dispose();
      downloads.dispose();
    },
  };
}

/** The person's setting; left at its default, the environment's own variable for a mirror holds. */
function endpoint(): string {
  const set = readSetting('models.endpoint');
  return set === settingDefaults['models.endpoint'] ? defaultEndpoint() : set;
}

async function mayThrowAway(label: string, done: number): Promise<boolean> {
  const { t } = vscode.l10n;
  const yes = t('Throw Away');
  const choice = await vscode.window.showWarningMessage(
    t('Throw away what has come of {0}?', label),
    {
      modal: true,
      detail: t('{0} have been downloaded. Paused, the download can go on from there.', formatBytes(done)),
    },
    yes,
  );
  return choice === yes;
}

async function offerToLoad(label: string, file: string, { load, log }: GetParts): Promise<void> {
  const { t } = vscode.l10n;
  const yes = t('Load');
  const choice = await vscode.window.showInformationMessage(
    t('{0} is on this machine now, and its hash is right.', label),
    yes,
  );
  if (choice !== yes) return;
  await load(file).catch((error: unknown) => {
    log.error(`The model that has come could not be loaded: ${String(error)}`);
    void vscode.window.showErrorMessage(
      t('{0} could not be loaded. The list of models and the log show more.', label),
    );
  });
}

async function offerToResume(downloads: Downloads): Promise<void> {
  const { t } = vscode.l10n;
  const paused = downloads.list().filter(({ state }) => state === 'paused');
  const [first] = paused;
  if (first === undefined) return;
  const resume = t('Resume');
  const message =
    paused.length === 1
      ? t('The download of {0} has not finished: {1}.', first.label, formatShare(first.done, first.total))
      : t('{0} downloads have not finished.', paused.length);
  const choice = await vscode.window.showInformationMessage(message, resume);
  if (choice === resume) for (const { id } of paused) downloads.resume(id);
}
