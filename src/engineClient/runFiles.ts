import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Logger } from '../log';
import { listens } from './connection';
import type { ProcessExit } from './crashCause';
import type { PrivateFolder } from './privateFolder';

const pipes = '\\\\.\\pipe\\';
const runName = /^(e-[0-9a-f]{12})\.(sock|log|exit)$/;
/** Files younger than this may belong to an engine that still waits for its first client: left alone. */
const sweepAgeMs = 60_000;

const exitSchema = v.object({ code: v.nullable(v.number()), signal: v.nullable(v.string()) });

/** The files of one engine process's life, in the private folder. */
export class RunFiles {
  /** Where the engine listens: a Unix socket, or a named pipe on Windows. */
  readonly socketPath: string;
  private readonly name = `e-${randomBytes(6).toString('hex')}`;

  constructor(
    private readonly folder: PrivateFolder,
    platform: NodeJS.Platform,
  ) {
    this.socketPath = socketPathOf(folder.path, this.name, platform);
  }

  /** All that the engine prints. */
  get logPath(): string {
    return join(this.folder.path, `${this.name}.log`);
  }

  /** Says to other windows how the process ended: only the one that started it is told. */
  leaveExit(exit: ProcessExit): void {
    this.remove(this.socketPath);
    try {
      writeFileSync(exitPathOf(this.logPath), JSON.stringify(exit), { mode: 0o600 });
    } catch {
      // They do without it.
    }
  }

  removeAll(): void {
    for (const path of [this.socketPath, this.logPath]) this.remove(path);
    if (!this.folder.isUsual) rmdirSync(this.folder.path);
  }

  private remove(path: string): void {
    // A pipe is no file: it goes with its process.
    if (!path.startsWith(pipes)) rmSync(path, { force: true });
  }
}

/** A pipe's default rights let only this user and administrators write to it; the token guards the rest. */
function socketPathOf(folder: string, name: string, platform: NodeJS.Platform): string {
  return platform === 'win32' ? `${pipes}layercake-${name}` : join(folder, `${name}.sock`);
}

export function exitPathOf(logPath: string): string {
  return logPath.replace(/\.log$/, '.exit');
}

/** How a process ended, as the window that started it left word; undefined where it has not. */
export function readExit(exitPath: string): ProcessExit | undefined {
  try {
    const parsed = v.safeParse(exitSchema, JSON.parse(readFileSync(exitPath, 'utf8')));
    return parsed.success ? (parsed.output as ProcessExit) : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the files of engines that nothing listens for any more: those that were killed left them. */
export async function sweepRunFiles(
  folder: string,
  platform: NodeJS.Platform,
  logger: Logger,
): Promise<void> {
  const names = (await readdir(folder)).filter((name) => runName.test(name));
  const runs = new Set(names.map((name) => name.replace(runName, '$1')));
  await Promise.all(
    [...runs].map(async (run) => {
      const paths = names.filter((name) => name.startsWith(run)).map((name) => join(folder, name));
      try {
        const times = await Promise.all(paths.map(async (path) => (await lstat(path)).mtimeMs));
        if (Date.now() - Math.max(...times) < sweepAgeMs) return;
        if (await listens(socketPathOf(folder, run, platform))) return;
        await Promise.all(paths.map((path) => rm(path, { force: true })));
        logger.debug(`Removed what is left of the engine ${run}`);
      } catch {
        // Another window swept it first.
      }
    }),
  );
}
