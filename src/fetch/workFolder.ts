import { mkdir, mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import * as path from 'node:path';
import { errorText, FetchError } from './fetchError';

const prefix = '.download-';

/**
 * Makes a folder for unfinished files inside the target folder, on the same disk so that a rename ends the job.
 * Folders that processes left behind that were killed are removed first.
 */
export async function makeWorkFolder(target: string): Promise<string> {
  try {
    await mkdir(target, { recursive: true });
    await removeAbandoned(target);
    return await mkdtemp(path.join(target, `${prefix}${process.pid}-`));
  } catch (error) {
    throw new FetchError('cannotWrite', errorText(error));
  }
}

export async function removeWorkFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

async function removeAbandoned(target: string): Promise<void> {
  for (const name of await readdir(target)) {
    const [, pid] = /^\.download-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) await removeWorkFolder(path.join(target, name));
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Alive, but of another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Refuses a download that the disk cannot take. Bytes. */
export async function needSpace(folder: string, bytes: number, freeBytes = diskSpace): Promise<void> {
  const free = await freeBytes(folder);
  if (free !== undefined && free < bytes) {
    throw new FetchError('noSpace', `${bytes} bytes are needed in ${folder}, ${free} are free`);
  }
}

/** Free bytes. Some network file systems do not tell; then writing shows it. */
export async function diskSpace(folder: string): Promise<number | undefined> {
  const space = await statfs(folder).catch(() => undefined);
  return space === undefined || space.blocks === 0 ? undefined : space.bavail * space.bsize;
}

/** Bytes of all files in a folder that another program writes to. */
export async function folderBytes(folder: string): Promise<number> {
  let sum = 0;
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names) {
    const file = await stat(path.join(folder, name)).catch(() => undefined);
    if (file?.isFile() === true) sum += file.size;
  }
  return sum;
}
