import { rawEntries } from './entries';
import type { GgufHeader } from './model';
import { encodeEntry, encodeHeader } from './writeGguf';

/** What llama.cpp's quantising says of the new file itself. */
const written = ['general.quantization_version', 'general.file_type'];
/** The new file is one, of however many parts the old one was. */
const dropped = new Set([...written, 'split.no', 'split.count', 'split.tensors.count']);

/**
 * Where the tensors' data begins in the file that llama.cpp's quantising makes of a model: the same at each level.
 * Bytes.
 * @param header of the file, as it was read and checked
 */
export function quantizedDataOffset(file: string, header: GgufHeader): number {
  const kept = rawEntries(file, header).filter(({ key }) => !dropped.has(key));
  return encodeHeader(
    [
      ...kept.map(({ entry }) => entry),
      ...written.map((key) => encodeEntry(key, { type: 'uint32', value: 0 })),
    ],
    header.tensors.map((tensor) => ({ ...tensor, dimensions: withoutLastOnes(tensor.dimensions) })),
  ).dataOffset;
}

/** ggml does not count dimensions of one behind the others. */
function withoutLastOnes(dimensions: readonly number[]): readonly number[] {
  const last = dimensions.findLastIndex((length) => length > 1);
  return dimensions.slice(0, Math.max(1, last + 1));
}
