import { open, stat, type FileHandle } from 'node:fs/promises';
import * as path from 'node:path';
import { GgufError } from './ggufError';
import { limits } from './limits';
import { Metadata } from './metadata';
import { describeModel, type GgufHeader } from './model';
import { parseGgufTable, type GgufTable } from './table';

/** Headers of small vocabularies fit; larger ones take one or two more reads. */
const firstRead = 1024 * 1024;

/**
 * Reads and checks the header of a model file, of all its parts where it is split. Reads the header only.
 * @throws GgufError, also for a file that is missing or unfinished
 */
export async function readGgufHeader(file: string): Promise<GgufHeader> {
  const table = await readTable(file);
  const metadata = new Metadata(table.metadata);
  const count = metadata.number('split.count') ?? 1;
  if (count <= 1) return describeModel(table);
  return describeModel(await joinParts(file, table, count));
}

/** The files of a split model, from the name of its first; undefined where the name has not the form of one. */
export function partPaths(file: string, count: number): string[] | undefined {
  const match = /^(.*)-00001-of-(\d{5})\.gguf$/.exec(path.basename(file));
  const [, prefix, total] = match ?? [];
  if (prefix === undefined || Number(total) !== count) return undefined;
  const number = (value: number) => String(value).padStart(5, '0');
  return Array.from({ length: count }, (_, i) =>
    path.join(path.dirname(file), `${prefix}-${number(i + 1)}-of-${number(count)}.gguf`),
  );
}

async function joinParts(file: string, first: GgufTable, count: number): Promise<GgufTable> {
  if (!Number.isInteger(count) || count > limits.parts) {
    throw new GgufError('modelMalformed', `the model claims ${count} parts`);
  }
  const index = partIndex(first);
  if (index !== 0) {
    throw new GgufError('modelUnsupported', `this is part ${index + 1} of ${count}; choose the first one`);
  }
  const paths = partPaths(file, count);
  if (paths === undefined) {
    throw new GgufError(
      'modelMalformed',
      `the file is the first of ${count} parts, but its name does not end in -00001-of-${String(count).padStart(5, '0')}.gguf`,
    );
  }
  const parts = [first];
  for (const [i, part] of paths.entries()) {
    if (i > 0) parts.push(await readPart(part, i, count));
  }
  const tensors = parts.flatMap((part, i) => part.tensors.map((tensor) => ({ ...tensor, part: i })));
  if (new Set(tensors.map((tensor) => tensor.name)).size !== tensors.length) {
    throw new GgufError('modelMalformed', 'two parts hold a tensor of the same name');
  }
  const expected = new Metadata(first.metadata).number('split.tensors.count');
  if (expected !== undefined && expected !== tensors.length) {
    throw new GgufError('modelMalformed', `the parts hold ${tensors.length} tensors instead of ${expected}`);
  }
  return { ...first, tensors, fileSize: parts.reduce((sum, part) => sum + part.fileSize, 0) };
}

async function readPart(file: string, index: number, count: number): Promise<GgufTable> {
  const name = path.basename(file);
  try {
    const table = await readTable(file);
    if (partIndex(table) !== index) {
      throw new GgufError('modelMalformed', `its number inside is ${partIndex(table) + 1}`);
    }
    return table;
  } catch (error) {
    if (GgufError.is(error, 'modelMissing')) {
      throw new GgufError('modelTruncated', `part ${index + 1} of ${count} is missing: ${name}`);
    }
    if (GgufError.is(error)) {
      throw new GgufError(error.reason, `part ${index + 1} of ${count}, ${name}: ${error.detail}`);
    }
    throw error;
  }
}

function partIndex(table: GgufTable): number {
  return new Metadata(table.metadata).number('split.no') ?? 0;
}

async function readTable(file: string): Promise<GgufTable> {
  if (file.endsWith('.ipull')) throw new GgufError('modelTruncated', 'its download has not finished');
  const handle = await openFile(file);
  try {
    return await readTableFrom(handle);
  } catch (error) {
    if (GgufError.is(error)) throw error;
    throw new GgufError('modelMissing', `the file cannot be read: ${message(error)}`);
  } finally {
    await handle.close();
  }
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    // Before opening: opening a pipe would wait for its other end.
    if (!(await stat(file)).isFile()) throw new GgufError('modelMissing', 'the path is not that of a file');
    return await open(file, 'r');
  } catch (error) {
    if (GgufError.is(error)) throw error;
    throw new GgufError('modelMissing', message(error));
  }
}

async function readTableFrom(handle: FileHandle): Promise<GgufTable> {
  const { size } = await handle.stat();
  let bytes = new Uint8Array(0);
  let wanted = firstRead;
  for (;;) {
    bytes = await extend(handle, bytes, Math.min(wanted, size, limits.headerBytes));
    // The file may have shrunk since: what could be read is what counts.
    const end = bytes.length < Math.min(wanted, size, limits.headerBytes) ? bytes.length : size;
    const result = parseGgufTable(bytes, end);
    if (result.kind === 'parsed') return result.value;
    wanted = Math.max(result.atLeast, bytes.length * 4);
  }
}

async function extend(
  handle: FileHandle,
  bytes: Uint8Array,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const longer = new Uint8Array(length);
  longer.set(bytes);
  let filled = bytes.length;
  while (filled < length) {
    const { bytesRead } = await handle.read(longer, filled, length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return longer.subarray(0, filled);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
