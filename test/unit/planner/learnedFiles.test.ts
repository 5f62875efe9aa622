import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { learnedFiles, readLearned } from '../../../src/planner/cli/learnedFiles';
import { formatLearned, nothingLearned } from '../../../src/planner/learnedFile';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'layercake-learned-'));
});
afterEach(() => rm(home, { recursive: true }));

const here = () => ({ platform: process.platform, env: {}, home });

describe('what an editor learned', () => {
  it.each([
    ['linux', {}, '/home/me/.config/Code/User/globalStorage/layercake.layercake/learned.json'],
    ['linux', { XDG_CONFIG_HOME: '/cfg' }, '/cfg/Code/User/globalStorage/layercake.layercake/learned.json'],
    [
      'darwin',
      {},
      '/home/me/Library/Application Support/Code/User/globalStorage/layercake.layercake/learned.json',
    ],
    [
      'win32',
      { APPDATA: 'C:\\Data' },
      'C:\\Data\\Code\\User\\globalStorage\\layercake.layercake\\learned.json',
    ],
  ] as const)('is in the storage of VS Code: %s %o', (platform, env, file) => {
    expect(learnedFiles({ platform, env, home: '/home/me' })[0]).toBe(file);
  });

  it('is nothing where there is no file', async () => {
    expect(await readLearned(undefined, here())).toEqual(nothingLearned);
  });

  it('is read from the file that is named, and that must be one', async () => {
    const file = path.join(home, 'mine.json');
    const learned = { ...nothingLearned, residuals: { gpu: 5 } };
    await writeFile(file, formatLearned(learned));
    expect(await readLearned(file, here())).toEqual(learned);
    await writeFile(file, '{}');
    await expect(readLearned(file, here())).rejects.toThrow(`${file} cannot be read as one`);
  });
});
