import { open } from 'node:fs/promises';

/** ggml's numbers for the tensor types that the scripted models use. */
export const tensorTypes = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8, Q4_K: 12, Q6_K: 14 } as const;
export type TensorType = keyof typeof tensorTypes;

/** Values and bytes of one block of a type. */
export const blocks: Record<TensorType, { values: number; bytes: number }> = {
  F32: { values: 1, bytes: 4 },
  F16: { values: 1, bytes: 2 },
  Q4_0: { values: 32, bytes: 18 },
  Q8_0: { values: 32, bytes: 34 },
  Q4_K: { values: 256, bytes: 144 },
  Q6_K: { values: 256, bytes: 210 },
};

export function rowBytes(type: TensorType, width: number): number {
  const { values, bytes } = blocks[type];
  if (width % values !== 0) throw new Error(`${type} needs rows of a multiple of ${values}, not ${width}`);
  return (width / values) * bytes;
}

export type MetadataValue =
  | { type: 'uint32' | 'float32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: string[] }
  | { type: 'int32s' | 'float32s'; value: number[] };

export interface Tensor {
  name: string;
  type: TensorType;
  /** Values in a row, then rows (absent: a vector). */
  width: number;
  rows?: number;
  /** Rows that are not zero, in any order, encoded. All others stay holes in the file. */
  filled: { row: number; bytes: Buffer }[];
}

const alignment = 32;
const align = (offset: number) => Math.ceil(offset / alignment) * alignment;

/** Bytes of a tensor's data, holes included. */
export function tensorBytes(tensor: Pick<Tensor, 'type' | 'width' | 'rows'>): number {
  return rowBytes(tensor.type, tensor.width) * (tensor.rows ?? 1);
}

/** Writes a GGUF version 3 whose zero rows take no room on a disk that knows holes. Returns its apparent size in bytes. */
export async function writeGguf(
  path: string,
  metadata: Record<string, MetadataValue>,
  tensors: Tensor[],
): Promise<number> {
  const offsets: number[] = [];
  let end = 0;
  for (const tensor of tensors) {
    offsets.push(end);
    end = align(end + tensorBytes(tensor));
  }
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(Object.keys(metadata).length),
    ...Object.entries(metadata).flatMap(([key, value]) => [text(key), ...metadataValue(value)]),
    ...tensors.flatMap((tensor, index) => tensorInfo(tensor, offsets[index] ?? 0)),
  ]);
  const dataStart = align(head.length);
  const file = await open(path, 'w');
  try {
    await file.truncate(dataStart + end);
    await file.write(head, 0, head.length, 0);
    for (const [index, tensor] of tensors.entries()) {
      const start = dataStart + (offsets[index] ?? 0);
      const bytesPerRow = rowBytes(tensor.type, tensor.width);
      for (const { row, bytes } of tensor.filled) {
        await file.write(bytes, 0, bytes.length, start + row * bytesPerRow);
      }
    }
  } finally {
    await file.close();
  }
  return dataStart + end;
}

function tensorInfo(tensor: Tensor, offset: number): Buffer[] {
  const dimensions = tensor.rows === undefined ? [tensor.width] : [tensor.width, tensor.rows];
  return [
    text(tensor.name),
    u32(dimensions.length),
    ...dimensions.map(u64),
    u32(tensorTypes[tensor.type]),
    u64(offset),
  ];
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
