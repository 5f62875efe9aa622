import { spawnSync } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rememberedFolders, type Memory } from '../../../src/changeQuant/rememberedFolders';
import { Unfinished } from '../../../src/changeQuant/unfinished';

let folder: string;
let kept: Map<string, unknown>;
let memory: Memory;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lc-unfinished-'));
  kept = new Map();
  memory = {
    get: (key) => kept.get(key),
    update: (key, value) => Promise.resolve(void kept.set(key, value)),
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What an extension host left that is gone. */
async function leave(): Promise<void> {
  const { pid } = spawnSync(process.execPath, ['--version']);
  const left = path.join(folder, `.quantize-${pid}-abc`);
  await mkdir(left);
  await writeFile(path.join(left, 'unfinished'), 'half');
}

describe('unfinished quants', () => {
  it('are remembered while they are made, and gone with their folder afterwards', async () => {
    const unfinished = new Unfinished(memory);
    const work = await unfinished.begin([folder]);
    expect(path.dirname(work.path)).toBe(folder);
    expect(rememberedFolders(memory)).toEqual([folder]);
    await writeFile(path.join(work.path, 'unfinished'), 'half');
    await unfinished.end(work);
    expect(await readdir(folder)).toEqual([]);
    expect(rememberedFolders(memory)).toEqual([]);
  });

  it('of a crash are removed at the next start, those of a living window are not', async () => {
    const other = await new Unfinished(memory).begin([folder]);
    await leave();
    await new Unfinished(memory).removeAbandoned();
    expect(await readdir(folder)).toEqual([path.basename(other.path)]);
    expect(rememberedFolders(memory)).toEqual([folder]);
  });

  it('of a crash are removed where the next one is made', async () => {
    await leave();
    const work = await new Unfinished(memory).begin([folder]);
    expect(await readdir(folder)).toEqual([path.basename(work.path)]);
  });

  it('are made in the next folder where the first cannot be written to', async () => {
    // Nobody makes a folder inside a file.
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    const own = path.join(folder, 'own');
    const work = await new Unfinished(memory).begin([path.join(file, 'inside'), own]);
    expect(work.target).toBe(own);
    await access(work.path);
    await expect(new Unfinished(memory).begin([path.join(file, 'inside')])).rejects.toThrow('ENOTDIR');
  });

  it('forget what is no list of folders, and folders that are gone', async () => {
    kept.set('changeQuant.folders', ['/gone/away', 7]);
    await new Unfinished(memory).removeAbandoned();
    expect(rememberedFolders(memory)).toEqual([]);
    kept.set('changeQuant.folders', 'nonsense');
    expect(rememberedFolders(memory)).toEqual([]);
  });
});
