import type { TensorMessage } from '../protocol/quantize';

/** "[   3/ 272] blk.0.attn_k.weight                  - [ 576,", as one piece when a tensor is begun. */
const begin = /^\[ *(\d+)\/ *(\d+)\] +(\S.*?) +- \[/;

/** The tensor that a piece of llama.cpp's log tells the begin of. */
export function tensorBegun(piece: string): TensorMessage | undefined {
  const [, index, count, name] = begin.exec(piece) ?? [];
  if (name === undefined) return undefined;
  return { kind: 'tensor', index: Number(index), count: Number(count), name };
}
