import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as v from 'valibot';
import { CancelledError } from '../errors';
import type { Logger } from '../log';
import { quantizeFailureReasons, type LevelMessage, type QuantizeMessage } from '../protocol/quantize';

export interface QuantizeRun {
  /** Executable to run the script with: what the engine runs in. */
  runtime: string;
  /** Path of `quantize.mjs`. */
  script: string;
  /** A command of the script with its options. */
  arguments: readonly string[];
  onMessage: (message: LevelMessage) => void;
  signal?: AbortSignal;
  logger: Pick<Logger, 'debug'>;
}

const message = v.variant('kind', [
  v.object({ kind: v.literal('sized'), level: v.string(), types: v.record(v.string(), v.string()) }),
  v.object({ kind: v.literal('refused'), level: v.string(), detail: v.string() }),
  v.object({ kind: v.literal('done') }),
  v.object({ kind: v.literal('failed'), reason: v.picklist(quantizeFailureReasons), detail: v.string() }),
]);

/** Runs the quantising process to its end. Rejects with an `Error` that says why it failed, or `CancelledError`. */
export async function runQuantize(run: QuantizeRun): Promise<void> {
  const { runtime, script, signal, logger } = run;
  const child = spawn(runtime, [script, ...run.arguments], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: undefined, ELECTRON_RUN_AS_NODE: '1' },
    windowsHide: true,
  });
  const stop = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  let ending: QuantizeMessage | undefined;
  let lastError = '';
  eachLine(child.stdout, (line) => {
    const said = parseLine(line);
    if (said === undefined) logger.debug(line);
    else if (said.kind === 'done' || said.kind === 'failed') ending = said;
    else run.onMessage(said);
  });
  eachLine(child.stderr, (line) => {
    lastError = line;
    logger.debug(line);
  });
  try {
    if (signal?.aborted === true) stop();
    const how = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, killed) => resolve(killed ?? `code ${code ?? 'unknown'}`));
    });
    if (ending?.kind === 'done') return;
    throw new Error(
      ending?.kind === 'failed'
        ? `${ending.reason}: ${ending.detail}`
        : `the quantising process ended with ${how}${lastError === '' ? '' : `: ${lastError}`}`,
    );
  } catch (error) {
    throw signal?.aborted === true ? new CancelledError() : error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function parseLine(line: string): QuantizeMessage | undefined {
  try {
    const result = v.safeParse(message, JSON.parse(line));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

function eachLine(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream }).on('line', onLine);
}
