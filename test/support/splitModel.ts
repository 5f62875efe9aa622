import { readFile, writeFile } from 'node:fs/promises';
import { rawEntries } from '../../src/gguf/entries';
import { partNames } from '../../src/gguf/parts';
import { readGgufHeader } from '../../src/gguf/readHeader';
import { defaultAlignment, padTo } from '../../src/gguf/tensors';
import { encodeHeader } from '../../src/gguf/writeGguf';
import * as path from 'node:path';

/** Splits a small model in two parts, as llama.cpp does. @param first path of the first, "…-00001-of-00002.gguf" */
export async function splitModel(source: string, first: string): Promise<void> {
  const header = await readGgufHeader(source);
  const bytes = await readFile(source);
  const middle = Math.ceil(header.tensors.length / 2);
  const halves = [header.tensors.slice(0, middle), header.tensors.slice(middle)];
  for (const [number, name] of (partNames(path.basename(first), 2) ?? []).entries()) {
    const tensors = halves[number] ?? [];
    const split = [
      entry('split.no', 2, u16(number)),
      entry('split.count', 2, u16(2)),
      entry('split.tensors.count', 5, i32(header.tensors.length)),
    ];
    const entries = number === 0 ? rawEntries(source, header).map((raw) => raw.entry) : [];
    const data = tensors.map((tensor) => {
      const start = header.dataOffset + tensor.offset;
      const padding = Buffer.alloc(padTo(tensor.bytes, defaultAlignment) - tensor.bytes);
      return Buffer.concat([bytes.subarray(start, start + tensor.bytes), padding]);
    });
    const head = encodeHeader([...entries, ...split], tensors).bytes;
    await writeFile(path.join(path.dirname(first), name), Buffer.concat([head, ...data]));
  }
}

/** @param type GGUF's number of it */
function entry(key: string, type: number, value: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(key.length));
  return Buffer.concat([length, Buffer.from(key), i32(type), value]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
