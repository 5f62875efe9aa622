/** Header bytes to the letter, wrong ones too: what a proper writer would refuse to write. */

const valueTypes = {
  u8: 0,
  i8: 1,
  u16: 2,
  i16: 3,
  u32: 4,
  i32: 5,
  f32: 6,
  bool: 7,
  string: 8,
  array: 9,
  u64: 10,
  i64: 11,
  f64: 12,
} as const;
type ValueType = keyof typeof valueTypes;

export type Value = readonly [type: Exclude<ValueType, 'array'>, value: number | bigint | boolean | string];
export type ArrayValue = readonly [type: 'array', element: ValueType, items: readonly (number | string)[]];
/** Entries in order; a list, since one test needs the same key twice. */
export type Entries = readonly (readonly [key: string, value: Value | ArrayValue | Buffer])[];

export interface TensorSpec {
  name: string;
  dimensions: readonly (number | bigint)[];
  /** ggml's type number. */
  type: number;
  offset: number | bigint;
}

export function header(
  entries: Entries,
  tensors: readonly TensorSpec[],
  claims: { version?: number; tensorCount?: number | bigint; entryCount?: number | bigint } = {},
): Buffer {
  return Buffer.concat([
    Buffer.from('GGUF'),
    u32(claims.version ?? 3),
    u64(claims.tensorCount ?? tensors.length),
    u64(claims.entryCount ?? entries.length),
    ...entries.flatMap(([key, value]) => [
      text(key),
      ...(Buffer.isBuffer(value) ? [value] : value[0] === 'array' ? array(value) : scalar(value)),
    ]),
    ...tensors.flatMap((tensor) => [
      text(tensor.name),
      u32(tensor.dimensions.length),
      ...tensor.dimensions.map(u64),
      u32(tensor.type),
      u64(tensor.offset),
    ]),
  ]);
}

/** A header followed by `dataBytes` zeros from the next multiple of 32. */
export function file(head: Buffer, dataBytes: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(head.length / 32) * 32 + dataBytes);
  head.copy(bytes);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
export function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function array([, element, items]: ArrayValue): Buffer[] {
  const bytes = element === 'array' ? [] : items.map((item) => raw([element, item]));
  return [u32(valueTypes.array), u32(valueTypes[element]), u64(items.length), ...bytes];
}

function scalar(value: Value): Buffer[] {
  return [u32(valueTypes[value[0]]), raw(value)];
}

function raw([type, value]: Value): Buffer {
  if (type === 'string') return text(String(value));
  if (type === 'u64') return u64(BigInt(value));
  const bytes = Buffer.alloc(8);
  const number = Number(value);
  switch (type) {
    case 'u8':
    case 'bool':
      bytes.writeUInt8(number);
      return bytes.subarray(0, 1);
    case 'i8':
      bytes.writeInt8(number);
      return bytes.subarray(0, 1);
    case 'u16':
      bytes.writeUInt16LE(number);
      return bytes.subarray(0, 2);
    case 'i16':
      bytes.writeInt16LE(number);
      return bytes.subarray(0, 2);
    case 'u32':
      bytes.writeUInt32LE(number);
      return bytes.subarray(0, 4);
    case 'i32':
      bytes.writeInt32LE(number);
      return bytes.subarray(0, 4);
    case 'f32':
      bytes.writeFloatLE(number);
      return bytes.subarray(0, 4);
    case 'i64':
      bytes.writeBigInt64LE(BigInt(value));
      return bytes;
    case 'f64':
      bytes.writeDoubleLE(number);
      return bytes;
  }
}
