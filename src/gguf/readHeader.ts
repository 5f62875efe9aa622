import { open, stat, type FileHandle } from 'node:fs/promises';
import * as path from 'node:path';
import { GgufError } from './ggufError';
import { limits } from './limits';
import { describeModel, type GgufHeader } from './model';
import { joinParts } from './parts';
import { parseGgufTable, type GgufTable } from './table';

/** Headers of small vocabularies fit; larger ones take one or two more reads. */
const firstRead = 1024 * 1024;

/**
 * Reads and checks the header of a model file, of all its parts where it is split. Reads the header only.
 * @throws GgufError, also for a file that is missing or unfinished
 */
export async function readGgufHeader(file: string): Promise<GgufHeader> {
  const readPart = (name: string) => readTable(path.join(path.dirname(file), name));
  return describeModel(await joinParts(path.basename(file), await readTable(file), readPart));
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
