import type { GgufHeader } from './model';
import { defaultAlignment, padTo, type GgufTensor } from './tensors';
import { rowBytes } from './writeGguf';

/** What a level makes of a model. */
export interface LevelTensors {
  quant: string;
  /** ggml's type of every tensor, by name. */
  types: ReadonlyMap<string, string>;
  /** Where the tensors' data begins. Bytes. */
  dataOffset: number;
}

/**
 * A model as another quant level would have it, in one file.
 * @throws Error where a tensor has no type, or none that its rows can take
 */
export function retyped(header: GgufHeader, { quant, types, dataOffset }: LevelTensors): GgufHeader {
  let tensorBytes = 0;
  let fileSize = dataOffset;
  const tensors = header.tensors.map((tensor) => {
    const type = types.get(tensor.name);
    if (type === undefined) throw new Error(`the level ${quant} has no tensor "${tensor.name}"`);
    const bytes = bytesAs(type, tensor);
    tensorBytes += bytes;
    fileSize += padTo(bytes, defaultAlignment);
    return { ...tensor, type, bytes, part: 0 };
  });
  return { ...header, quant, tensors, tensorBytes, fileSize, dataOffset, partCount: 1 };
}

function bytesAs(type: string, { dimensions: [width = 1, ...rest] }: GgufTensor): number {
  return rowBytes(type, width) * rest.reduce((product, length) => product * length, 1);
}
