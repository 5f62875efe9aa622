import type { Cursor } from './cursor';
import { GgufError } from './ggufError';
import { limits } from './limits';
import { removedTensorType, tensorType } from './tensorTypes';

export interface GgufTensor {
  readonly name: string;
  /** Row length first, as ggml writes shapes. */
  readonly dimensions: readonly number[];
  /** ggml's name of the type, e.g. "Q4_K". */
  readonly type: string;
  readonly elements: number;
  readonly bytes: number;
  /** Bytes from the start of the data section of its part. */
  readonly offset: number;
  /** Which file of a split model holds it; 0 for the first. */
  readonly part: number;
}

/** Of tensors in a file that names no other. Bytes. */
export const defaultAlignment = 32;

/** Reads `count` tensor descriptions. */
export function readTensors(cursor: Cursor, count: number): GgufTensor[] {
  const tensors: GgufTensor[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const tensor = readTensor(cursor, i);
    if (names.has(tensor.name)) throw malformed(`two tensors are named "${tensor.name}"`);
    names.add(tensor.name);
    tensors.push(tensor);
  }
  return tensors;
}

function readTensor(cursor: Cursor, index: number): GgufTensor {
  const name = cursor.string(limits.tensorNameBytes, `the name of tensor ${index}`);
  // llama.cpp keeps names as C strings: what follows a NUL would be lost, and names collide.
  if (name.includes('\0')) throw malformed(`the name of tensor ${index} holds a NUL`);
  const rank = cursor.u32();
  if (rank > limits.dimensions) throw malformed(`tensor "${name}" claims ${rank} dimensions`);
  const dimensions = Array.from({ length: rank }, () => cursor.count());
  const elements = dimensions.reduce((product, length) => product * length, 1);
  const typeId = cursor.u32();
  const type = tensorType(typeId);
  if (type === undefined) throw unknownType(name, typeId);
  if ((dimensions[0] ?? 1) % type.blockSize !== 0) {
    throw malformed(
      `rows of tensor "${name}" are no multiple of ${type.blockSize}, the block of ${type.name}`,
    );
  }
  const bytes = (elements / type.blockSize) * type.blockBytes;
  if (![...dimensions, elements, bytes].every(Number.isSafeInteger)) {
    throw malformed(`tensor "${name}" claims an impossible size`);
  }
  return { name, dimensions, type: type.name, elements, bytes, offset: cursor.count(), part: 0 };
}

function unknownType(name: string, typeId: number): GgufError {
  const old = removedTensorType(typeId);
  return old === undefined
    ? malformed(`tensor "${name}" has the unknown type ${typeId}`)
    : new GgufError('modelUnsupported', `tensor "${name}" has the type ${old}, which llama.cpp has dropped`);
}

/**
 * Holds the tensors' places to the file: each begins where the one before it ends (llama.cpp takes no other
 * order, and nothing can overlap), and the last one ends inside the file.
 */
export function checkLayout(
  tensors: readonly GgufTensor[],
  dataOffset: number,
  alignment: number,
  fileSize: number,
): void {
  let expected = 0;
  let end = dataOffset;
  for (const tensor of tensors) {
    if (tensor.offset !== expected) {
      throw malformed(
        `tensor "${tensor.name}" begins at ${tensor.offset} of the data instead of ${expected}`,
      );
    }
    end = dataOffset + expected + tensor.bytes;
    expected = padTo(expected + tensor.bytes, alignment);
  }
  if (end > fileSize) {
    throw new GgufError('modelTruncated', `the tensors need ${end} bytes, the file has ${fileSize}`);
  }
}

/** The next multiple of `alignment`, a power of two; not in 32-bit arithmetic, since files are larger. */
export function padTo(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

function malformed(detail: string): GgufError {
  return new GgufError('modelMalformed', detail);
}
