import { GgufError } from './ggufError';
import { limits } from './limits';
import { Metadata } from './metadata';
import type { GgufTable } from './table';

/** Names of the files of a split model, from the name of its first; undefined where it has not the form of one. */
export function partNames(name: string, count: number): string[] | undefined {
  const match = /^(.*)-00001-of-(\d{5})\.gguf$/.exec(name);
  const [, prefix, total] = match ?? [];
  if (prefix === undefined || Number(total) !== count) return undefined;
  const number = (value: number) => String(value).padStart(5, '0');
  return Array.from({ length: count }, (_, i) => `${prefix}-${number(i + 1)}-of-${number(count)}.gguf`);
}

/**
 * Brings the tensors of a split model together; a model of one file comes back as it is.
 * @param name the first file's name, without its folder
 * @param read reads another part, by its name
 * @throws GgufError, and what `read` throws
 */
export async function joinParts(
  name: string,
  first: GgufTable,
  read: (name: string) => Promise<GgufTable>,
): Promise<GgufTable> {
  const count = new Metadata(first.metadata).number('split.count') ?? 1;
  if (count <= 1) return first;
  const parts = [first];
  for (const [i, part] of namesOf(name, first, count).entries()) {
    if (i > 0) parts.push(await readPart(part, i, count, read));
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

function namesOf(name: string, first: GgufTable, count: number): string[] {
  if (!Number.isInteger(count) || count > limits.parts) {
    throw new GgufError('modelMalformed', `the model claims ${count} parts`);
  }
  const index = partIndex(first);
  if (index !== 0) {
    throw new GgufError('modelUnsupported', `this is part ${index + 1} of ${count}; choose the first one`);
  }
  const names = partNames(name, count);
  if (names === undefined) {
    throw new GgufError(
      'modelMalformed',
      `the file is the first of ${count} parts, but its name does not end in -00001-of-${String(count).padStart(5, '0')}.gguf`,
    );
  }
  return names;
}

async function readPart(
  name: string,
  index: number,
  count: number,
  read: (name: string) => Promise<GgufTable>,
): Promise<GgufTable> {
  try {
    const table = await read(name);
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
