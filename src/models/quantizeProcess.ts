import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as v from 'valibot';
import type { Engine } from '../engineClient/engine';
import { CancelledError } from '../errors';
import type { Logger } from '../log';
import {
  quantizeFailureReasons,
  type LevelMessage,
  type QuantizeMessage,
  type TensorMessage,
} from '../protocol/quantize';
import { QuantizeError } from '../quantize/quantizeError';

export interface QuantizeRun {
  /** Executable to run the script with: what the engine runs in. */
  runtime: string;
  /** Path of `quantize.mjs`. */
  script: string;
  /** A command of the script with its options. */
  arguments: readonly string[];
  /** The folder that relative paths begin at. */
  cwd?: string;
  onMessage: (message: LevelMessage | TensorMessage) => void;
  signal?: AbortSignal;
  logger: Pick<Logger, 'debug'>;
}

/** `runQuantize` with what is the same for all runs of a window. */
export type Quantize = (
  run: Pick<QuantizeRun, 'arguments' | 'cwd' | 'onMessage' | 'signal'>,
) => Promise<void>;

export function createQuantize(
  engine: Pick<Engine, 'snapshot'>,
  script: string,
  logger: Pick<Logger, 'debug'>,
): Quantize {
  return (run) =>
    runQuantize({ runtime: engine.snapshot.runtime?.path ?? process.execPath, script, logger, ...run });
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const message = v.variant('kind', [
  v.object({
    kind: v.literal('sized'),
    level: v.string(),
    types: v.record(v.string(), v.string()),
    dataOffset: count,
    needsImportance: v.boolean(),
  }),
  v.object({ kind: v.literal('refused'), level: v.string(), detail: v.string() }),
  v.object({ kind: v.literal('tensor'), index: count, count, name: v.string() }),
  v.object({ kind: v.literal('done') }),
  v.object({ kind: v.literal('failed'), reason: v.picklist(quantizeFailureReasons), detail: v.string() }),
]);

/** Runs the quantising process to its end. Rejects with `QuantizeError`, or with `CancelledError` after an abort. */
export async function runQuantize(run: QuantizeRun): Promise<void> {
  const { runtime, script, signal, logger, cwd } = run;
  const aborted = () => signal?.aborted === true;
  if (aborted()) throw new CancelledError();
  const child = spawn(runtime, [script, ...run.arguments], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: undefined, ELECTRON_RUN_AS_NODE: '1' },
    windowsHide: true,
    ...(cwd !== undefined && { cwd }),
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
    const how = await new Promise<string>((resolve, reject) => {
      child.once('error', (error) => reject(new QuantizeError('internal', error.message)));
      child.once('close', (code, killed) => resolve(killed ?? `code ${code ?? 'unknown'}`));
    });
    if (ending?.kind === 'done') return;
    if (ending?.kind === 'failed') throw new QuantizeError(ending.reason, ending.detail);
    throw new QuantizeError('internal', `it ended with ${how}${lastError === '' ? '' : `: ${lastError}`}`);
  } catch (error) {
    throw aborted() ? new CancelledError() : error;
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
