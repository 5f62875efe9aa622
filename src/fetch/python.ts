import { spawn } from 'node:child_process';
import { FetchError } from './fetchError';

const interpreters = ['python3', 'python', 'py'];

export interface PipRun {
  arguments: readonly string[];
  environment?: Record<string, string>;
  signal: AbortSignal;
}

/** The machine's Python that has pip. @throws FetchError `noSource` where there is none */
export async function findPython(signal: AbortSignal): Promise<string> {
  for (const command of interpreters) {
    try {
      await runPip(command, {
        arguments: ['--version'],
        signal: AbortSignal.any([signal, AbortSignal.timeout(20_000)]),
      });
      return command;
    } catch {
      signal.throwIfAborted();
    }
  }
  throw new FetchError('noSource', 'no Python with pip is installed');
}

/** Runs `python -m pip …` to its end. @throws FetchError with pip's last error line */
export async function runPip(python: string, run: PipRun): Promise<void> {
  const child = spawn(python, ['-m', 'pip', ...run.arguments], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...run.environment },
    signal: run.signal,
    windowsHide: true,
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new FetchError('noSource', lastError(errors) ?? `pip ended with code ${code}`);
}

function lastError(output: string): string | undefined {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '');
  return (lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1))?.slice(0, 300);
}
