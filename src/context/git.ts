import { execFile } from 'node:child_process';
import { homedir } from 'node:os';

/** More than this nobody asks a model about. Bytes. */
const maxOutput = 32 * 2 ** 20;

export interface GitResult {
  code: number;
  stdout: string;
}

/**
 * Runs git without a shell; nothing that a repository's configuration names is started. undefined where there is no
 * git, or where it was cut off: too much output, or `signal`.
 * @param input what it reads from its standard input
 */
export async function git(
  folder: string,
  args: readonly string[],
  { input, signal, path = 'git' }: { input?: string; signal?: AbortSignal; path?: string } = {},
): Promise<GitResult | undefined> {
  return await new Promise((resolve) => {
    const child = execFile(
      path,
      ['-C', folder, '-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false', ...args],
      {
        // Windows looks for programs in the working folder first: that may not be the repository.
        ...{ cwd: homedir(), maxBuffer: maxOutput, windowsHide: true, encoding: 'utf8' },
        ...(signal && { signal }),
        env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
      },
      (error, stdout) => {
        if (error === null) resolve({ code: 0, stdout });
        else if (typeof error.code === 'number') resolve({ code: error.code, stdout });
        else resolve(undefined);
      },
    );
    // git may end before it has read all.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}
