import { randomBytes } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, rm, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../log';

/** Unix sockets allow 104 bytes on macOS and 108 on Linux, the closing zero included. */
const maxPathBytes = 100;
const socketName = /^e-[0-9a-f]{12}\.sock$/;
const probeTimeoutMs = 500;
/** A socket younger than this belongs to an engine that still waits for its first client: left alone. */
const sweepAgeMs = 60_000;

export interface SocketLocation {
  /** Where the engine listens: a Unix socket, or a named pipe on Windows. */
  readonly path: string;
  /** Why the usual folder was not used; undefined where it was. */
  readonly refused: string | undefined;
  /** Takes the socket away, and its folder where that was made for this run. */
  release(): Promise<void>;
}

export interface SocketSurroundings {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  tmpdir: string;
  /** The user's number; -1 on Windows. */
  uid: number;
  logger: Logger;
}

export function socketSurroundings(logger: Logger): SocketSurroundings {
  return {
    platform: process.platform,
    env: process.env,
    tmpdir: tmpdir(),
    uid: userInfo().uid,
    logger,
  };
}

/**
 * A path for one run's socket, random and under 100 bytes, in a folder that only this user can enter.
 * A folder that somebody else could have prepared is refused, said in the log, and a fresh one is used instead.
 */
export async function createSocketLocation(around: SocketSurroundings): Promise<SocketLocation> {
  const random = randomBytes(6).toString('hex');
  if (around.platform === 'win32') {
    // A pipe's default rights let only this user and administrators write to it; the token guards the rest.
    const path = `\\\\.\\pipe\\layercake-${randomBytes(16).toString('hex')}`;
    return { path, refused: undefined, release: () => Promise.resolve() };
  }
  const name = `e-${random}.sock`;
  let refused: string | undefined;
  for (const folder of usualFolders(around)) {
    if (!fits(join(folder, name))) continue;
    const problem = await preparePrivateFolder(folder, around.uid);
    if (problem === undefined) {
      await sweepStaleSockets(folder, around.logger);
      return location(join(folder, name), refused, undefined);
    }
    refused = problem;
    around.logger.warn(`${problem} Another folder is used for the engine's socket.`);
  }
  const folder = await freshFolder(around.tmpdir, name);
  return location(join(folder, name), refused, folder);
}

function usualFolders(around: SocketSurroundings): string[] {
  const runtimeFolder = around.env['XDG_RUNTIME_DIR'];
  const inTemp = join(around.tmpdir, `layercake-${around.uid}`);
  return runtimeFolder?.startsWith('/') === true ? [join(runtimeFolder, 'layercake'), inTemp] : [inTemp];
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) < maxPathBytes;
}

/** Makes the folder or checks the one that is there. Returns why it cannot be trusted. */
async function preparePrivateFolder(folder: string, uid: number): Promise<string | undefined> {
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
async function freshFolder(temp: string, name: string): Promise<string> {
  const short = fits(join(temp, 'lc-XXXXXX', name));
  return await mkdtemp(join(short ? temp : '/tmp', 'lc-'));
}

function location(path: string, refused: string | undefined, ownFolder: string | undefined): SocketLocation {
  return {
    path,
    refused,
    release: async () => {
      await rm(path, { force: true });
      if (ownFolder !== undefined) await rm(ownFolder, { recursive: true, force: true });
    },
  };
}

/** Removes sockets of ours that nothing listens on any more: engines that were killed left them. */
export async function sweepStaleSockets(folder: string, logger: Logger): Promise<void> {
  const names = (await readdir(folder)).filter((name) => socketName.test(name));
  await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      try {
        const stats = await lstat(path);
        if (!stats.isSocket() || Date.now() - stats.mtimeMs < sweepAgeMs) return;
        if (!(await isRefused(path))) return;
        await unlink(path);
        logger.debug(`Removed the stale socket ${path}`);
      } catch {
        // Another window swept it first.
      }
    }),
  );
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (refused: boolean) => {
      socket.destroy();
      resolve(refused);
    };
    socket.setTimeout(probeTimeoutMs, () => settle(false));
    socket.once('connect', () => settle(false));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code === 'ECONNREFUSED'));
  });
}
