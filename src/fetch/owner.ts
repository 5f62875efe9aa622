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
    const pid = Number(await readFile(file, 'utf8').catch(() => ''));
    if (pid > 0 && pid !== process.pid && isAlive(pid)) {
      throw new FetchError('busy', `process ${pid} brings this file already`);
    }
    await rm(file, { force: true });
    await claim();
  }
  return () => rm(file, { force: true });
}
