import { rowBytes } from '../gguf/writeGguf';

/** A tensor as llama.cpp would write it. */
interface SizedTensor {
  name: string;
  dimensions: number[];
  type: string;
}

/** "[ 3/ 272] blk.0.attn_k.weight - [ 576, 192, 1, 1], type = q4_1, size = 0.07 MiB -> 0.06 MiB (q4_0)" */
const tensorLine =
  /^\[ *\d+\/ *(\d+)\] +(\S.*?) +- \[([\d, ]+)\], type = +(\w+), size = +[\d.]+ MiB(?: -> +[\d.]+ MiB \((\w+)\))?$/;
const totalLine = /quant size += +([\d.]+) MiB/;

/** The total is told in hundredths of a MiB. Bytes. */
const totalTolerance = 0.006 * 2 ** 20;

/**
 * Reads the log of a dry run: ggml's type of each tensor, by name.
 * @throws Error where a line is missing, or where the tensors do not add up to the total that llama.cpp tells
 */
export function readDryRun(log: string): Record<string, string> {
  const lines = log.split('\n').map((line) => line.trim());
  const matches = lines.flatMap((line) => {
    const match = tensorLine.exec(line);
    return match ? [match] : [];
  });
  const tensors = matches.map(sizedTensor);
  const count = Number(matches[0]?.[1]);
  if (tensors.length !== count) {
    throw new Error(`llama.cpp's log tells of ${tensors.length} tensors instead of ${count}`);
  }
  const bytes = tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  const total = Number(lines.map((line) => totalLine.exec(line)?.[1]).find(Boolean)) * 2 ** 20;
  if (!(Math.abs(bytes - total) <= totalTolerance)) {
    throw new Error(`the tensors take ${bytes} bytes, and llama.cpp's log says ${total}`);
  }
  return Object.fromEntries(tensors.map(({ name, type }) => [name, type]));
}

function sizedTensor([, , name = '', dimensions = '', before = '', after]: RegExpExecArray): SizedTensor {
  return {
    name,
    dimensions: dimensions.split(',').map(Number),
    // The log has ggml's names in lower case for the most part: q4_K.
    type: (after ?? before).toUpperCase(),
  };
}

function bytesOf({ dimensions: [width = 0, ...rest], type }: SizedTensor): number {
  return rowBytes(type, width) * rest.reduce((product, length) => product * length, 1);
}
