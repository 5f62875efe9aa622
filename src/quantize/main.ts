/** The quantising process: asks llama.cpp itself, and says what came of it on standard output. */
import { fileTypeId } from '../gguf/fileTypes';
import type { LevelMessage, QuantizeMessage } from '../protocol/quantize';
import { readDryRun } from './dryRun';
import { QuantizeLibrary } from './library';
import { findLibraryFiles } from './libraryFiles';
import { parseQuantizeArguments, type QuantizeCommand } from './quantizeArguments';
import { QuantizeError } from './quantizeError';

function report(message: QuantizeMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function run({ modelPath, levels }: QuantizeCommand): Promise<void> {
  const library = new QuantizeLibrary(await findLibraryFiles(process.platform, process.arch));
  for (const level of levels) report(dryRun(library, modelPath, level));
}

function dryRun(library: QuantizeLibrary, modelPath: string, level: string): LevelMessage {
  const fileType = fileTypeId(level);
  if (fileType === undefined) return { kind: 'refused', level, detail: 'llama.cpp has no such level' };
  const { succeeded, log } = library.run({ from: modelPath, to: '', fileType, dryRun: true });
  if (!succeeded) return { kind: 'refused', level, detail: log.trim().split('\n').at(-1) ?? '' };
  try {
    return { kind: 'sized', level, types: readDryRun(log) };
  } catch (error) {
    return { kind: 'refused', level, detail: errorText(error) };
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function main(): Promise<number> {
  // Whoever started this is gone.
  process.stdout.on('error', () => process.exit(1));
  try {
    await run(parseQuantizeArguments(process.argv.slice(2)));
    report({ kind: 'done' });
    return 0;
  } catch (error) {
    const failure = QuantizeError.is(error) ? error : new QuantizeError('internal', errorText(error));
    report({ kind: 'failed', reason: failure.reason, detail: failure.detail });
    return 1;
  }
}

void main().then((code) => process.stdout.write('', () => process.exit(code)));
