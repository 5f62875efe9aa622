import { rmSync } from 'node:fs';
import { fileTypeId } from '../gguf/fileTypes';
import { quantizedDataOffset } from '../gguf/quantizedHeader';
import { readGgufHeader } from '../gguf/readHeader';
import { defaultAlignment } from '../gguf/tensors';
import type { LevelMessage } from '../protocol/quantize';
import { readDryRun } from './dryRun';
import type { QuantizeLibrary } from './library';
import type { DryRunCommand, WriteCommand } from './quantizeArguments';
import { errorText, QuantizeError } from './quantizeError';
import { say } from './say';
import { tensorBegun } from './tensorLog';

/** Says what each level would make of a file. */
export async function sizeLevels(library: QuantizeLibrary, command: DryRunCommand): Promise<void> {
  let dataOffset: Promise<number> | undefined;
  for (const level of command.levels) {
    say(
      await sizeLevel(
        library,
        command.modelPath,
        level,
        () => (dataOffset ??= findOffset(command.modelPath)),
      ),
    );
  }
}

async function sizeLevel(
  library: QuantizeLibrary,
  modelPath: string,
  level: string,
  dataOffset: () => Promise<number>,
): Promise<LevelMessage> {
  const fileType = fileTypeId(level);
  if (fileType === undefined) return { kind: 'refused', level, detail: 'llama.cpp has no such level' };
  const { succeeded, log } = library.run({ from: modelPath, fileType });
  if (!succeeded) return { kind: 'refused', level, detail: lastWords(log) };
  try {
    const types = readDryRun(log);
    const needsImportance = log.includes('will require an imatrix');
    return { kind: 'sized', level, types, dataOffset: await dataOffset(), needsImportance };
  } catch (error) {
    return { kind: 'refused', level, detail: errorText(error) };
  }
}

async function findOffset(modelPath: string): Promise<number> {
  const header = await readGgufHeader(modelPath);
  if (header.alignment !== defaultAlignment) {
    // The new file would claim the old one's alignment, and not have it.
    throw new Error(
      `its tensors are aligned to ${header.alignment} bytes, and llama.cpp writes ${defaultAlignment} alone`,
    );
  }
  return quantizedDataOffset(modelPath, header);
}

/** Writes a file at a level, and says each tensor that is begun. @throws QuantizeError `badRequest`, `refused` */
export function writeLevel(library: QuantizeLibrary, { modelPath, level, to, threads }: WriteCommand): void {
  const fileType = fileTypeId(level);
  if (fileType === undefined) throw new QuantizeError('badRequest', `llama.cpp has no level "${level}"`);
  const onLog = (piece: string) => {
    const begun = tensorBegun(piece);
    if (begun !== undefined) sayOrEnd(begun, to);
  };
  const { succeeded, log } = library.run({ from: modelPath, fileType, write: { to, threads }, onLog });
  if (!succeeded) throw new QuantizeError('refused', lastWords(log));
}

/** Whoever started this is gone where it cannot be said: nobody will want the file, or remove it. */
function sayOrEnd(message: Parameters<typeof say>[0], to: string): void {
  try {
    say(message);
  } catch {
    rmSync(to, { force: true });
    process.kill(process.pid, 'SIGKILL');
  }
}

/** Why llama.cpp gave up. */
function lastWords(log: string): string {
  const line = log.trim().split('\n').at(-1) ?? '';
  return line.split('failed to quantize: ').at(-1) ?? line;
}
