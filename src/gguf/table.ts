import { Cursor, NeedBytes } from './cursor';
import { findFimTokens, type NamedFimTokens } from './fimTokens';
import { GgufError } from './ggufError';
import { limits } from './limits';
import { checkLayout, defaultAlignment, padTo, readTensors, type GgufTensor } from './tensors';
import { readValue, type GgufArray, type GgufValue } from './values';
import { checkVocabulary } from './vocabulary';

/** What one GGUF file holds, read and checked for form: every name once, every tensor inside the file. */
export interface GgufTable {
  readonly version: 2 | 3;
  readonly fileSize: number;
  readonly alignment: number;
  /** Where the tensor data begins. Bytes. */
  readonly dataOffset: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  /** Found in the vocabulary by their names. */
  readonly namedFimTokens: NamedFimTokens;
}

export type ParseResult<T> =
  | { kind: 'parsed'; value: T }
  /** The bytes given end inside the header. Parsing begins anew with more of them. */
  | { kind: 'needBytes'; atLeast: number };

const magic = 0x46554747;

/**
 * Parses metadata and tensor descriptions of one file, or of one part of a split model.
 * @param bytes the file's first bytes; how many are needed shows while parsing
 * @param fileSize the whole file's size, which every claim is held to
 * @throws GgufError and nothing else
 */
export function parseGgufTable(bytes: Uint8Array, fileSize: number): ParseResult<GgufTable> {
  try {
    return { kind: 'parsed', value: readTable(bytes, fileSize) };
  } catch (error) {
    if (error instanceof NeedBytes) return { kind: 'needBytes', atLeast: error.atLeast };
    throw error;
  }
}

function readTable(bytes: Uint8Array, fileSize: number): GgufTable {
  const cursor = new Cursor(bytes, fileSize);
  if (fileSize < 4) throw new GgufError('modelNotGguf', `the file has ${fileSize} bytes`);
  const start = cursor.u32();
  if (start !== magic) throw new GgufError('modelNotGguf', 'the file does not begin with "GGUF"');
  const version = readVersion(cursor);
  const tensorCount = cursor.count();
  if (tensorCount > limits.tensors) throw malformed(`the header claims ${tensorCount} tensors`);
  const entryCount = cursor.count();
  if (entryCount > limits.metadataEntries) throw malformed(`the header claims ${entryCount} entries`);

  const { metadata, namedFimTokens } = readMetadata(cursor, bytes, entryCount);
  const alignment = readAlignment(metadata);
  const tensors = readTensors(cursor, tensorCount);
  const dataOffset = padTo(cursor.position, alignment);
  checkLayout(tensors, dataOffset, alignment, fileSize);
  return { version, fileSize, alignment, dataOffset, metadata, tensors, namedFimTokens };
}

function readVersion(cursor: Cursor): 2 | 3 {
  const version = cursor.u32();
  if (version === 2 || version === 3) return version;
  // A file of the other byte order has its small version number in the high bytes.
  if ((version & 0xffff) === 0 && version !== 0) {
    throw new GgufError('modelUnsupported', 'the file is big-endian; convert it to little-endian');
  }
  if (version === 1) {
    throw new GgufError('modelUnsupported', 'GGUF version 1 is no longer read; convert the model again');
  }
  if (version === 0) throw malformed('GGUF version 0 does not exist');
  throw new GgufError(
    'modelUnsupported',
    `GGUF version ${version} is newer than version 3, the last one known`,
  );
}

function readMetadata(
  cursor: Cursor,
  bytes: Uint8Array,
  count: number,
): Pick<GgufTable, 'metadata' | 'namedFimTokens'> {
  const metadata = new Map<string, GgufValue>();
  let namedFimTokens: NamedFimTokens = {};
  for (let i = 0; i < count; i++) {
    const key = cursor.string(limits.keyBytes, `the key of entry ${i}`);
    if (key === '') throw malformed(`the key of entry ${i} is empty`);
    if (metadata.has(key)) throw malformed(`the key ${shown(key)} stands in the header twice`);
    const start = cursor.position;
    const value = readValue(cursor, shown(key));
    metadata.set(key, value);
    if (key === 'tokenizer.ggml.tokens' && isStringArray(value)) {
      // Behind value type, element type and count.
      checkVocabulary(bytes, start + 16, value.length);
      namedFimTokens = findFimTokens(bytes, start + 16, value.length);
    }
  }
  return { metadata, namedFimTokens };
}

function isStringArray(value: GgufValue): value is GgufArray {
  return typeof value === 'object' && value.kind === 'array' && value.elementType === 'string';
}

function readAlignment(metadata: ReadonlyMap<string, GgufValue>): number {
  const alignment = metadata.get('general.alignment') ?? defaultAlignment;
  if (typeof alignment !== 'number' || !Number.isInteger(Math.log2(alignment)) || alignment < 1) {
    throw malformed('the alignment is no power of two');
  }
  if (alignment > limits.alignment) throw malformed(`the alignment is ${alignment}`);
  return alignment;
}

/** A key as it may stand in a message: a hostile one is long or full of control characters. */
function shown(key: string): string {
  return JSON.stringify(key.length > 80 ? `${key.slice(0, 80)}…` : key);
}

function malformed(detail: string): GgufError {
  return new GgufError('modelMalformed', detail);
}
