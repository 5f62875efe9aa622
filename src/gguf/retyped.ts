import type { GgufHeader } from './model';
import { padTo, type GgufTensor } from './tensors';
import { rowBytes } from './writeGguf';

/**
 * A model as another quant level would have it, with that level's types.
 * @param types ggml's type of every tensor, by name
 * @throws Error where a tensor has none, or none that its rows can take
 */
export function retyped(header: GgufHeader, quant: string, types: ReadonlyMap<string, string>): GgufHeader {
  const tensors = header.tensors.map((tensor) => {
    const type = types.get(tensor.name);
    if (type === undefined) throw new Error(`the level ${quant} has no tensor "${tensor.name}"`);
    return { ...tensor, type, bytes: bytesAs(type, tensor) };
  });
  const bytes = (each: readonly GgufTensor[]) => each.reduce((sum, tensor) => sum + tensor.bytes, 0);
  const padded = (each: readonly GgufTensor[]) =>
    each.reduce((sum, tensor) => sum + padTo(tensor.bytes, header.alignment), 0);
  return {
    ...header,
    quant,
    tensors,
    tensorBytes: bytes(tensors),
    fileSize: header.fileSize - padded(header.tensors) + padded(tensors),
  };
}

function bytesAs(type: string, { dimensions: [width = 1, ...rest] }: GgufTensor): number {
  return rowBytes(type, width) * rest.reduce((product, length) => product * length, 1);
}
