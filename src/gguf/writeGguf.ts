import { open } from 'node:fs/promises';
import { defaultAlignment, padTo, type GgufTensor } from './tensors';
import { tensorTypesByName, type TensorType } from './tensorTypes';

/** Bytes of a row of so many values; the type by its ggml name. */
export function rowBytes(type: string, width: number): number {
  const { blockSize, blockBytes } = storage(type);
  if (width % blockSize !== 0)
    throw new Error(`${type} needs rows of a multiple of ${blockSize}, not ${width}`);
  return (width / blockSize) * blockBytes;
}

function storage(type: string): TensorType {
  const found = tensorTypesByName.get(type);
  if (found === undefined) throw new Error(`${type} is no type of ggml's`);
  return found;
}

export type MetadataValue =
  | { type: 'uint32' | 'float32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: string[] }
  | { type: 'int32s' | 'float32s'; value: number[] };

export interface NewTensor {
  name: string;
  /** ggml's name of it. */
  type: string;
  /** Values in a row, then rows (absent: a vector). */
  width: number;
  rows?: number;
  /** Rows that are not zero, in any order, encoded. All others stay holes in the file. */
  filled: { row: number; bytes: Buffer }[];
}

/** Bytes of a tensor's data, holes included. */
export function tensorBytes(tensor: Pick<NewTensor, 'type' | 'width' | 'rows'>): number {
  return rowBytes(tensor.type, tensor.width) * (tensor.rows ?? 1);
}

/** Writes a GGUF version 3 whose zero rows take no room on a disk that knows holes. Returns its apparent size in bytes. */
export async function writeGguf(
  path: string,
  metadata: Record<string, MetadataValue>,
  tensors: NewTensor[],
): Promise<number> {
  const entries = Object.entries(metadata).map(([key, value]) => encodeEntry(key, value));
  const { bytes: head, dataOffset, offsets, size } = encodeHeader(entries, tensors.map(described));
  const file = await open(path, 'w');
  try {
    await file.truncate(size);
    await file.write(head, 0, head.length, 0);
    for (const [index, tensor] of tensors.entries()) {
      const start = dataOffset + (offsets[index] ?? 0);
      const bytesPerRow = rowBytes(tensor.type, tensor.width);
      for (const { row, bytes } of tensor.filled) {
        await file.write(bytes, 0, bytes.length, start + row * bytesPerRow);
      }
    }
  } finally {
    await file.close();
  }
  return size;
}

/** What a header says of a tensor but for its place. */
type DescribedTensor = Pick<GgufTensor, 'name' | 'dimensions' | 'type' | 'bytes'>;

export interface EncodedHeader {
  bytes: Buffer;
  /** Where the tensors' data begins, and where in it each of them does. Bytes. */
  dataOffset: number;
  offsets: number[];
  /** Of the whole file, bytes. */
  size: number;
}

/** A header of version 3, padded up to the data, from entries that are encoded already. */
export function encodeHeader(
  entries: readonly Uint8Array[],
  tensors: readonly DescribedTensor[],
): EncodedHeader {
  const offsets: number[] = [];
  let end = 0;
  for (const { bytes } of tensors) {
    offsets.push(end);
    end = padTo(end + bytes, defaultAlignment);
  }
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(entries.length),
    ...entries,
    ...tensors.flatMap((tensor, index) => tensorInfo(tensor, offsets[index] ?? 0)),
  ]);
  const dataOffset = padTo(head.length, defaultAlignment);
  const padding = Buffer.alloc(dataOffset - head.length);
  return { bytes: Buffer.concat([head, padding]), dataOffset, offsets, size: dataOffset + end };
}

export function encodeEntry(key: string, value: MetadataValue): Buffer {
  return Buffer.concat([text(key), ...metadataValue(value)]);
}

function described(tensor: NewTensor): DescribedTensor {
  const { name, type, width, rows } = tensor;
  return { name, type, dimensions: rows === undefined ? [width] : [width, rows], bytes: tensorBytes(tensor) };
}

function tensorInfo({ name, dimensions, type }: DescribedTensor, offset: number): Buffer[] {
  return [text(name), u32(dimensions.length), ...dimensions.map(u64), u32(storage(type).id), u64(offset)];
}

function metadataValue(entry: MetadataValue): Buffer[] {
  switch (entry.type) {
    case 'uint32':
      return [u32(4), u32(entry.value)];
    case 'float32':
      return [u32(6), f32(entry.value)];
    case 'bool':
      return [u32(7), Buffer.from([entry.value ? 1 : 0])];
    case 'string':
      return [u32(8), text(entry.value)];
    case 'strings':
      return [u32(9), u32(8), u64(entry.value.length), ...entry.value.map(text)];
    case 'int32s':
      return [u32(9), u32(5), u64(entry.value.length), Buffer.from(Int32Array.from(entry.value).buffer)];
    case 'float32s':
      return [u32(9), u32(6), u64(entry.value.length), Buffer.from(Float32Array.from(entry.value).buffer)];
  }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([u64(bytes.length), bytes]);
}
