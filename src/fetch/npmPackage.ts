import { mkdir, rename, rm } from 'node:fs/promises';
import * as path from 'node:path';
import * as pacote from 'pacote';
import { errorText, FetchError, toFetchError } from './fetchError';
import { readNpmConfig } from './npmConfig';
import { ProgressMeter, type Report } from './progressMeter';
import { Watchdog } from './watchdog';
import { folderBytes, makeWorkFolder, needSpace, removeWorkFolder } from './workFolder';

export interface NpmPackage {
  name: string;
  version: string;
  /** `sha512-…` of the archive. */
  integrity: string;
}

const silenceMs = 120_000;
/** A Node.js executable is about 120 MB, its archive about 50; both are there for a moment. */
const neededBytes = 250_000_000;

/**
 * Unpacks a package into `folder`, which it replaces, from the registry that the person's npm settings name. Nothing
 * of it is run. The folder is there only once the archive's hash was right and all is unpacked.
 * @throws FetchError, or what `signal` was aborted with
 */
export async function fetchNpmPackage(
  wanted: NpmPackage,
  folder: string,
  report: Report,
  signal: AbortSignal,
): Promise<string> {
  const target = path.resolve(folder);
  report({ kind: 'trying', source: 'npmPackage', why: '' });
  const work = await makeWorkFolder(path.dirname(target));
  const unpacked = path.join(work, 'package');
  const watchdog = new Watchdog(silenceMs, signal);
  let watch: NodeJS.Timeout | undefined;
  try {
    await needSpace(work, neededBytes);
    await mkdir(unpacked);
    const options = {
      ...(await readNpmConfig()),
      // Not the person's cache: what is fetched here is wanted once.
      cache: path.join(work, 'cache'),
      integrity: wanted.integrity,
      fetchRetries: 1,
      timeout: 30_000,
    };
    const spec = `${wanted.name}@${wanted.version}`;
    const meter = new ProgressMeter('npmPackage', report);
    watch = setInterval(() => {
      // The archive alone: counting the thousands of files unpacked beside it would slow both down.
      void folderBytes(options.cache).then((bytes) => {
        watchdog.progress(bytes);
        meter.update(bytes, 0);
      });
    }, 500);
    await watchdog.race(pacote.extract(spec, unpacked, options));
    signal.throwIfAborted();
    await rm(target, { recursive: true, force: true });
    await rename(unpacked, target);
    return target;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && 'code' in error && error.code === 'EINTEGRITY') {
      throw new FetchError('wrongContent', errorText(error));
    }
    throw toFetchError(error);
  } finally {
    clearInterval(watch);
    watchdog.stop();
    await removeWorkFolder(work);
  }
}
