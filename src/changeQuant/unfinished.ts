import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { isAlive } from '../fetch/workFolder';
import { rememberedFolders, rememberFolders, type Memory } from './rememberedFolders';

const prefix = '.quantize-';

export interface WorkFolder {
  path: string;
  /** Where the finished file goes: on the same disk, so that a rename ends the job. */
  target: string;
}

/** Folders that quants are made in. What an editor that crashed left there is removed at the next start. */
export class Unfinished {
  constructor(private readonly memory: Memory) {}

  /** Makes one inside the first of the folders that can be written to. Rejects as the last one does. */
  async begin([target, ...others]: readonly [string, ...string[]]): Promise<WorkFolder> {
    try {
      await mkdir(target, { recursive: true });
      await removeAbandoned(target);
      const work = { target, path: await mkdtemp(path.join(target, `${prefix}${process.pid}-`)) };
      await rememberFolders(this.memory, [...rememberedFolders(this.memory), target]);
      return work;
    } catch (error) {
      const [next, ...rest] = others;
      if (next === undefined) throw error;
      return await this.begin([next, ...rest]);
    }
  }

  async end(work: WorkFolder): Promise<void> {
    await removeFolder(work.path);
    const others = rememberedFolders(this.memory).filter((folder) => folder !== work.target);
    await rememberFolders(this.memory, others);
  }

  /** Removes what extension hosts left behind that are gone. */
  async removeAbandoned(): Promise<void> {
    const stillUsed: string[] = [];
    for (const folder of rememberedFolders(this.memory)) {
      if (await removeAbandoned(folder).catch(() => false)) stillUsed.push(folder);
    }
    await rememberFolders(this.memory, stillUsed);
  }
}

/** Whether another window makes a quant there now. */
async function removeAbandoned(target: string): Promise<boolean> {
  let used = false;
  for (const name of await readdir(target)) {
    const [, pid] = /^\.quantize-(\d+)-/.exec(name) ?? [];
    if (pid === undefined) continue;
    if (isAlive(Number(pid))) used = true;
    else await removeFolder(path.join(target, name));
  }
  return used;
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
