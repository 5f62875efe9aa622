import { readFile, rm, writeFile } from 'node:fs/promises';
import { FetchError } from './fetchError';
import { isAlive } from './workFolder';

/**
 * Makes this process the only one that brings `target`, until the function that it returns is called or the process
 * ends. @throws FetchError `busy`
 */
export async function own(target: string): Promise<() => Promise<void>> {
  const file = `${target}.owner`;
  const claim = () => writeFile(file, String(process.pid), { flag: 'wx' });
  try {
    await claim();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const pid = await ownerOf(target);
    if (pid !== undefined && pid !== process.pid) {
      throw new FetchError('busy', `process ${pid} brings this file already`);
    }
    await rm(file, { force: true });
    await claim();
  }
  return () => rm(file, { force: true });
}

/** The living process that brings `target`; undefined where there is none. */
export async function ownerOf(target: string): Promise<number | undefined> {
  const pid = Number(await readFile(`${target}.owner`, 'utf8').catch(() => ''));
  return pid > 0 && isAlive(pid) ? pid : undefined;
}
