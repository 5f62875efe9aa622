import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { CancelledError } from '../errors';
import type { Logger } from '../log';
import { parseFetchLine, stopWithInput, type FetchFailureReason, type FetchMessage } from '../protocol/fetch';

/** How long a cancelled download may take to clean up. Milliseconds. */
const graceMs = 3_000;

/** A download that failed, with its reason. `detail` is plain technical text, a line for each source tried. */
export class DownloadError extends Error {
  constructor(
    readonly reason: FetchFailureReason,
    readonly detail: string,
  ) {
    super(`${reason}: ${detail}`);
    this.name = 'DownloadError';
  }

  static is(error: unknown, reason?: FetchFailureReason): error is DownloadError {
    return error instanceof DownloadError && (reason === undefined || error.reason === reason);
  }
}

export interface FetchRun {
  /** Executable to run the script with: a Node.js, or an editor that can be one. */
  runtime: string;
  /** Path of `fetch.mjs`. */
  script: string;
  /** A command of the script with its options. */
  arguments: readonly string[];
  onMessage: (message: FetchMessage) => void;
  signal: AbortSignal;
  logger: Logger;
  /** The proxy that the editor's own settings name; empty: none. */
  proxy?: string;
  /** Variables for this run alone. */
  environment?: Readonly<Record<string, string>>;
}

/**
 * Runs the download process to its end and returns the path that it brought something to.
 * Rejects with `DownloadError`, or `CancelledError` after an abort; nothing half-done stays then.
 */
export async function runFetch(run: FetchRun): Promise<string> {
  if (run.signal.aborted) throw new CancelledError();
  const child = spawn(run.runtime, [run.script, ...run.arguments, stopWithInput], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...fetchEnvironment(process.env, run.proxy ?? ''), ...run.environment },
    windowsHide: true,
  });
  let killTimer: NodeJS.Timeout | undefined;
  const cancelled = () => run.signal.aborted;
  const stop = () => {
    child.stdin.end();
    killTimer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  run.signal.addEventListener('abort', stop);
  try {
    const last = await untilEnd(child, run);
    if (last.kind === 'done') return last.path;
    throw new DownloadError(last.reason, last.detail);
  } catch (error) {
    throw cancelled() ? new CancelledError() : error;
  } finally {
    run.signal.removeEventListener('abort', stop);
    clearTimeout(killTimer);
  }
}

type Ending = Extract<FetchMessage, { kind: 'done' | 'failed' }>;

async function untilEnd(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  run: FetchRun,
): Promise<Ending> {
  let ending: Ending | undefined;
  let errors = '';
  eachLine(child.stdout, (line) => {
    const message = parseFetchLine(line);
    if (message === undefined) run.logger.debug(line);
    else if (message.kind === 'done' || message.kind === 'failed') ending = message;
    else run.onMessage(message);
  });
  eachLine(child.stderr, (line) => {
    errors = line;
    run.logger.debug(line);
  });
  // A process that ended by itself closes the pipe under our hands.
  child.stdin.on('error', () => undefined);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...end) => resolve(end));
  }).catch((error: unknown) => {
    throw new DownloadError('internal', error instanceof Error ? error.message : String(error));
  });
  if (ending !== undefined) return ending;
  const how = signal ?? `code ${code ?? 'unknown'}`;
  return {
    kind: 'failed',
    reason: 'internal',
    detail: `the download process ended with ${how}${errors === '' ? '' : `: ${errors}`}`,
  };
}

function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  });
}

/** The person's environment, since pip and npm are configured by it, without what is meant for the editor's own Node. */
export function fetchEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  proxy: string,
): Record<string, string | undefined> {
  const environment = Object.fromEntries(Object.entries(own).filter(([name]) => name !== 'NODE_OPTIONS'));
  const proxies =
    proxy === ''
      ? {}
      : {
          HTTP_PROXY: own['HTTP_PROXY'] ?? own['http_proxy'] ?? proxy,
          HTTPS_PROXY: own['HTTPS_PROXY'] ?? own['https_proxy'] ?? proxy,
        };
  // Electron is a Node.js by the first; from Node.js 24 on, fetch minds the proxy variables by the second.
  return { ...environment, ...proxies, ELECTRON_RUN_AS_NODE: '1', NODE_USE_ENV_PROXY: '1' };
}
