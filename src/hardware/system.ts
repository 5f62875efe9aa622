import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What the hardware readers need of the operating system; tests put fakes here. */
export interface System {
  readonly platform: NodeJS.Platform;
  /** Runs a program and gives its standard output. Rejects where it is missing, fails or takes over 5 s. */
  run(file: string, args: readonly string[]): Promise<string>;
  /** Text of a small file; undefined where it cannot be read. */
  readText(path: string): Promise<string | undefined>;
  /** Names in a folder; empty where it cannot be read. */
  list(folder: string): Promise<string[]>;
}

const runTimeoutMs = 5000;

export const realSystem: System = {
  platform: process.platform,
  run: async (file, args) => {
    const { stdout } = await promisify(execFile)(file, args, { timeout: runTimeoutMs, windowsHide: true });
    return stdout;
  },
  readText: (path) => readFile(path, 'utf8').catch(() => undefined),
  list: (folder) => readdir(folder).catch(() => []),
};
