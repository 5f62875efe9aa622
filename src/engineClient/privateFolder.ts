import { lstat, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../log';

/** Unix sockets allow 104 bytes on macOS and 108 on Linux, the closing zero included. */
const maxSocketPathBytes = 100;
/** A name as long as those of our sockets. */
const longestName = 'e-000000000000.sock';

export interface PrivateFolder {
  readonly path: string;
  /** Why the usual folder was not used; undefined where it was. */
  readonly refused: string | undefined;
  /** False where the folder was made for this run alone: nobody else will find it. */
  readonly isUsual: boolean;
}

/** What the folder is chosen by. */
export interface Surroundings {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  tmpdir: string;
  /** The user's number; -1 on Windows. */
  uid: number;
  logger: Logger;
}

export function surroundings(logger: Logger): Surroundings {
  return {
    platform: process.platform,
    env: process.env,
    tmpdir: tmpdir(),
    uid: userInfo().uid,
    logger,
  };
}

/**
 * The folder for what engines and their clients share: one that only this user can enter, with a path so short that
 * sockets may lie in it. One that somebody else could have prepared is refused, said in the log, and a fresh one is
 * used instead.
 */
export async function openPrivateFolder(around: Surroundings): Promise<PrivateFolder> {
  if (around.platform === 'win32') return await windowsFolder(around);
  let refused: string | undefined;
  for (const path of usualFolders(around)) {
    if (!fits(path)) continue;
    const problem = await prepare(path, around.uid);
    if (problem === undefined) return { path, refused, isUsual: true };
    refused = problem;
    around.logger.warn(`${problem} Another folder is used for the engine's socket.`);
  }
  return { path: await freshFolder(around.tmpdir), refused, isUsual: false };
}

/** A user's local application data is closed to other users; engines listen on pipes, not in it. */
async function windowsFolder({ env, tmpdir: temp }: Surroundings): Promise<PrivateFolder> {
  const path = join(env['LOCALAPPDATA'] ?? temp, 'layercake');
  await mkdir(path, { recursive: true });
  return { path, refused: undefined, isUsual: true };
}

function usualFolders(around: Surroundings): string[] {
  const runtimeFolder = around.env['XDG_RUNTIME_DIR'];
  const inTemp = join(around.tmpdir, `layercake-${around.uid}`);
  return runtimeFolder?.startsWith('/') === true ? [join(runtimeFolder, 'layercake'), inTemp] : [inTemp];
}

function fits(folder: string): boolean {
  return Buffer.byteLength(join(folder, longestName)) < maxSocketPathBytes;
}

/** Makes the folder or checks the one that is there. Returns why it cannot be trusted. */
async function prepare(folder: string, uid: number): Promise<string | undefined> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EEXIST') return `${folder} could not be made (${code ?? String(error)}).`;
  }
  // lstat, not stat: a link would be followed to wherever its owner points it.
  const stats = await lstat(folder);
  if (stats.isSymbolicLink()) return `${folder} is a symbolic link.`;
  if (!stats.isDirectory()) return `${folder} is not a folder.`;
  if (stats.uid !== uid) return `${folder} belongs to another user (${stats.uid}).`;
  const mode = stats.mode & 0o777;
  if ((mode & 0o077) !== 0) return `${folder} is open to other users (mode ${mode.toString(8)}).`;
  return undefined;
}

/** mkdtemp makes its folder with mode 0700 and a name that nobody could prepare. */
async function freshFolder(temp: string): Promise<string> {
  return await mkdtemp(join(fits(join(temp, 'lc-XXXXXX')) ? temp : '/tmp', 'lc-'));
}
