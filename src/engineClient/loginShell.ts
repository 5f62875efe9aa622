import { spawn } from 'node:child_process';
import { isAbsolute } from 'node:path';

const mark = '__layercake__';

/**
 * The `node` that the person's login shell would run, where version managers put theirs. undefined: none, or the
 * shell did not answer in time. An editor started from a desktop has not seen the shell's start-up files.
 */
export function findNodeInLoginShell(
  shell: string,
  env: NodeJS.ProcessEnv,
  limitMs = 5_000,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    // A session of its own: an interactive shell must not reach for a terminal of ours, and a time-out can end it
    // together with whatever its start-up files began.
    const child = spawn(shell, ['-ilc', `echo ${mark}; command -v node; echo ${mark}`], {
      env: shellEnvironment(env),
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const timer = setTimeout(() => {
      killGroup(child.pid);
      resolve(undefined);
    }, limitMs);
    child.once('error', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    child.once('close', () => {
      clearTimeout(timer);
      resolve(pathIn(output));
    });
  });
}

/** Start-up files may print what they like: only what stands between the marks counts. */
function pathIn(output: string): string | undefined {
  const lines = output.split(mark)[1]?.split('\n') ?? [];
  // An alias or a function is printed as such: not a path.
  return lines.map((line) => line.trim()).findLast((line) => isAbsolute(line));
}

function shellEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // Keeps a well-known zsh framework from asking whether it may update itself.
  const result: NodeJS.ProcessEnv = { ...env, DISABLE_AUTO_UPDATE: 'true' };
  delete result['NODE_OPTIONS'];
  delete result['ELECTRON_RUN_AS_NODE'];
  return result;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
