import { open, rename } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError } from '../errors';
import { diskSpace } from '../fetch/workFolder';
import { GgufError } from '../gguf/ggufError';
import type { GgufHeader } from '../gguf/model';
import { readGgufHeader } from '../gguf/readHeader';
import type { Quantize } from '../models/quantizeProcess';
import type { PlannedFile } from '../planner/planner';
import { QuantizeError } from '../quantize/quantizeError';
import { formatBytes } from '../status/format';
import type { Translate } from '../translate';
import { quantizeFailure } from './quantizeFailure';
import { TensorProgress } from './tensorProgress';

/** No name of a model's: nobody takes it for one. */
const unfinishedName = 'unfinished';

export interface LevelProgress {
  /** 0 … 1 of the weights. */
  fraction: number;
  /** Of the tensor at work, from 1. */
  index: number;
  count: number;
  /** Estimated from the pace until now; undefined in the beginning. */
  secondsLeft: number | undefined;
}

export interface LevelJob {
  source: PlannedFile;
  /** Of the file to be written, as llama.cpp's dry run tells it. */
  header: GgufHeader;
  /** Folder on the target's disk that nobody else uses. */
  workFolder: string;
  target: string;
  threads: number;
}

export interface MakeLevelDeps {
  quantize: Quantize;
  t: Translate;
  /** Bytes that are free on a folder's disk; undefined where it does not tell. */
  freeBytes?: (folder: string) => Promise<number | undefined>;
}

/**
 * Writes a model at a level, checks what was written, and only then gives it its name, in place of what has it.
 * Rejects with `UserError`, or with `CancelledError` after an abort.
 */
export async function makeLevel(
  job: LevelJob,
  { quantize, t, freeBytes = diskSpace }: MakeLevelDeps,
  report: (progress: LevelProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const { source, header, workFolder, target, threads } = job;
  const room = await freeBytes(workFolder);
  if (room !== undefined && room < header.fileSize) throw noRoom(header, target, room, t);
  const progress = new TensorProgress(source.header.tensors);
  try {
    await quantize({
      arguments: [
        ...['write', '--model', path.resolve(source.path), '--level', header.quant],
        ...['--to', unfinishedName, '--threads', String(threads)],
      ],
      cwd: workFolder,
      onMessage: (message) => {
        if (message.kind === 'tensor') report(progress.begin(message));
      },
      signal,
    });
  } catch (error) {
    if (!QuantizeError.is(error)) throw error;
    // llama.cpp says no more of a full disk than that writing failed.
    const left = await freeBytes(workFolder);
    if (left !== undefined && left < 2 ** 20) throw noRoom(header, target, left, t);
    throw new UserError(quantizeFailure(error, t));
  }
  const unfinished = path.join(workFolder, unfinishedName);
  await checkWritten(unfinished, header, t);
  await flush(unfinished);
  signal.throwIfAborted();
  await rename(unfinished, target).catch((error: unknown) => {
    throw new UserError(
      t(
        '{0} could not be replaced ({1}). If it is loaded, unload it first.',
        path.basename(target),
        errorText(error),
      ),
    );
  });
}

function noRoom(header: GgufHeader, target: string, room: number, t: Translate): UserError {
  return new UserError(
    t(
      'There is too little room on the disk of {0}: {1} takes {2}, and {3} are free. Make room, or choose a smaller level.',
      path.dirname(target),
      header.quant,
      formatBytes(header.fileSize),
      formatBytes(room),
    ),
  );
}

/** Refuses a file whose tensors are not what the dry run said. */
async function checkWritten(file: string, expected: GgufHeader, t: Translate): Promise<void> {
  const problem = await readGgufHeader(file).then(
    (found) => difference(found, expected),
    (error: unknown) => (GgufError.is(error) ? error.detail : errorText(error)),
  );
  if (problem === undefined) return;
  throw new UserError(
    t(
      'What was written is not what llama.cpp announced, and was thrown away: {0}. Try again; the disk may be failing.',
      problem,
    ),
  );
}

function difference(found: GgufHeader, expected: GgufHeader): string | undefined {
  const types = new Map(found.tensors.map((tensor) => [tensor.name, tensor.type]));
  if (types.size !== expected.tensors.length) {
    return `${types.size} tensors instead of ${expected.tensors.length}`;
  }
  const wrong = expected.tensors.find((tensor) => types.get(tensor.name) !== tensor.type);
  if (wrong !== undefined) {
    return `${wrong.name} is ${types.get(wrong.name) ?? 'missing'} instead of ${wrong.type}`;
  }
  return found.tensorBytes === expected.tensorBytes
    ? undefined
    : `the tensors take ${found.tensorBytes} bytes instead of ${expected.tensorBytes}`;
}

/** A name must not outlive its content where the power fails. */
async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
