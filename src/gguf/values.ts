import type { Cursor } from './cursor';
import { GgufError } from './ggufError';
import { limits } from './limits';

export type GgufScalar = number | bigint | boolean | string;

/** An array of the header. `values` only where it is small: of a vocabulary the length is all that is kept. */
export interface GgufArray {
  readonly kind: 'array';
  readonly elementType: GgufValueType;
  readonly length: number;
  readonly values: readonly GgufScalar[] | undefined;
}

/** A string too long to keep. */
export interface GgufLongString {
  readonly kind: 'longString';
  /** Bytes. */
  readonly length: number;
}

export type GgufValue = GgufScalar | GgufArray | GgufLongString;

export type GgufValueType = keyof typeof scalars | 'string';

const scalars = {
  u8: { size: 1, read: (cursor: Cursor) => cursor.u8() },
  i8: { size: 1, read: (cursor: Cursor) => cursor.i8() },
  u16: { size: 2, read: (cursor: Cursor) => cursor.u16() },
  i16: { size: 2, read: (cursor: Cursor) => cursor.i16() },
  u32: { size: 4, read: (cursor: Cursor) => cursor.u32() },
  i32: { size: 4, read: (cursor: Cursor) => cursor.i32() },
  f32: { size: 4, read: (cursor: Cursor) => cursor.f32() },
  bool: { size: 1, read: (cursor: Cursor) => cursor.u8() !== 0 },
  u64: { size: 8, read: (cursor: Cursor) => cursor.u64() },
  i64: { size: 8, read: (cursor: Cursor) => cursor.i64() },
  f64: { size: 8, read: (cursor: Cursor) => cursor.f64() },
} as const;

/** By the number that stands in the file. */
const valueTypes: readonly (GgufValueType | 'array')[] = [
  'u8',
  'i8',
  'u16',
  'i16',
  'u32',
  'i32',
  'f32',
  'bool',
  'string',
  'array',
  'u64',
  'i64',
  'f64',
];

/** Reads one value with its type before it. Arrays of arrays are refused, as llama.cpp refuses them. */
export function readValue(cursor: Cursor, key: string): GgufValue {
  const type = valueType(cursor.u32(), key);
  if (type === 'string') return readString(cursor);
  if (type !== 'array') return scalars[type].read(cursor);
  const elementType = valueType(cursor.u32(), key);
  if (elementType === 'array') throw new GgufError('modelMalformed', `${key} is an array of arrays`);
  const length = cursor.count();
  return elementType === 'string' ? readStrings(cursor, length) : readNumbers(cursor, elementType, length);
}

function valueType(id: number, key: string): GgufValueType | 'array' {
  const type = valueTypes[id];
  if (type === undefined) throw new GgufError('modelMalformed', `${key} has the unknown value type ${id}`);
  return type;
}

function readString(cursor: Cursor): string | GgufLongString {
  const length = cursor.count();
  const start = cursor.take(length);
  if (length > limits.keptStringBytes) return { kind: 'longString', length };
  return cursor.decode(start, length);
}

function readNumbers(cursor: Cursor, elementType: keyof typeof scalars, length: number): GgufArray {
  const { size, read } = scalars[elementType];
  const start = cursor.take(length * size);
  if (length > limits.keptArrayLength) return { kind: 'array', elementType, length, values: undefined };
  cursor.position = start;
  return { kind: 'array', elementType, length, values: Array.from({ length }, () => read(cursor)) };
}

function readStrings(cursor: Cursor, length: number): GgufArray {
  const start = cursor.position;
  // Each string takes eight bytes at least: a hostile count fails here and not after a long walk.
  cursor.take(length * 8);
  cursor.position = start;
  for (let i = 0; i < length; i++) cursor.skipString();
  const end = cursor.position;
  if (length > limits.keptArrayLength || end - start > limits.keptArrayStringBytes) {
    return { kind: 'array', elementType: 'string', length, values: undefined };
  }
  cursor.position = start;
  const values = Array.from({ length }, () => cursor.string(limits.keptArrayStringBytes, 'a string'));
  return { kind: 'array', elementType: 'string', length, values };
}
