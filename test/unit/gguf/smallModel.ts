import { parseGgufHeader } from '../../../src/gguf/header';
import type { GgufHeader } from '../../../src/gguf/model';
import { file, header, type Entries, type TensorSpec } from './ggufBytes';

/** The least that a llama model needs, in the order written. */
export const entries: Entries = [
  ['general.architecture', ['string', 'llama']],
  ['general.name', ['string', 'Small']],
  ['general.file_type', ['u32', 7]],
  ['llama.block_count', ['u32', 2]],
  ['llama.context_length', ['u32', 4096]],
  ['llama.embedding_length', ['u32', 64]],
  ['llama.attention.head_count', ['u32', 4]],
  ['llama.attention.head_count_kv', ['u32', 2]],
  ['general.sampling.temp', ['f32', 0.7]],
  ['general.sampling.top_k', ['i32', 40]],
  ['general.sampling.top_p', ['f32', 0.95]],
  ['tokenizer.ggml.tokens', ['array', 'string', ['a', '', 'b', '', 'ab']]],
  ['tokenizer.chat_template', ['string', '{{ messages }}']],
];

/** Q8_0: 34 bytes for 32 values. */
export const tensors: readonly TensorSpec[] = [
  { name: 'token_embd.weight', dimensions: [64, 5], type: 8, offset: 0 },
  { name: 'output_norm.weight', dimensions: [64], type: 0, offset: 352 },
];
/** 340 bytes, padded to 352, and 256. */
export const dataBytes = 608;

/** The small model with entries replaced by key, added, or (undefined) taken out. */
export function withEntries(changes: Record<string, Entries[number][1] | undefined>): Entries {
  const kept = entries.flatMap(([key, value]): Entries => {
    if (!(key in changes)) return [[key, value]];
    const change = changes[key];
    return change === undefined ? [] : [[key, change]];
  });
  const known = new Set(entries.map(([key]) => key));
  const added = Object.entries(changes).flatMap(([key, value]): Entries =>
    known.has(key) || value === undefined ? [] : [[key, value]],
  );
  return [...kept, ...added];
}

export function modelBytes(
  change: Record<string, Entries[number][1] | undefined> = {},
  tensorList: readonly TensorSpec[] = tensors,
  data = dataBytes,
): Buffer {
  return file(header(withEntries(change), tensorList), data);
}

/** Parses bytes that are a whole file. */
export function parse(bytes: Uint8Array): GgufHeader {
  const result = parseGgufHeader(bytes, bytes.length);
  if (result.kind === 'needBytes')
    throw new Error(`The parser wants ${result.atLeast} bytes of a whole file`);
  return result.value;
}
