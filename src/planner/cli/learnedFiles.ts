import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../errors';
import { nothingLearned, parseLearned, type Learned } from '../learnedFile';

export interface Surroundings {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  home: string;
}

/**
 * What this machine taught: of the named file, else of the first one that the extension keeps for an editor here.
 * It is read and never written.
 * @throws UserError where the named file is none
 */
export async function readLearned(named: string | undefined, surroundings: Surroundings): Promise<Learned> {
  if (named !== undefined) {
    const learned = await readOne(named);
    if (learned === undefined) {
      throw new UserError(
        `--learned is the learned.json of the extension's storage; ${named} cannot be read as one.`,
      );
    }
    return learned;
  }
  for (const file of learnedFiles(surroundings)) {
    const learned = await readOne(file);
    if (learned !== undefined) return learned;
  }
  return nothingLearned;
}

/** Where VS Code keeps the extension's storage: on the desktop, and on a machine that it reaches remotely. */
export function learnedFiles({ platform, env, home }: Surroundings): string[] {
  const { win32, posix } = path;
  const join = (...parts: string[]) => (platform === 'win32' ? win32 : posix).join(...parts);
  const settings =
    platform === 'win32'
      ? (env['APPDATA'] ?? join(home, 'AppData', 'Roaming'))
      : platform === 'darwin'
        ? join(home, 'Library', 'Application Support')
        : (env['XDG_CONFIG_HOME'] ?? join(home, '.config'));
  return [join(settings, 'Code'), join(home, '.vscode-server', 'data')].map((folder) =>
    join(folder, 'User', 'globalStorage', 'layercake.layercake', 'learned.json'),
  );
}

async function readOne(file: string): Promise<Learned | undefined> {
  try {
    return parseLearned(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}
