import type { GgufHeader } from '../gguf/model';
import { Metadata } from '../gguf/metadata';

/**
 * Every n-th block sees the whole context, the others a window. llama.cpp has these in its code (`set_swa_pattern`,
 * src/llama-model.cpp), not in the file.
 */
const everyNth: Readonly<Record<string, number>> = {
  gemma2: 2,
  gemma3: 6,
  gemma3n: 5,
  'gemma-embedding': 6,
  cohere2: 4,
  'gpt-oss': 2,
  llama4: 4,
  olmo2: 4,
  exaone4: 4,
  smallthinker: 4,
  afmoe: 4,
};

/** Tokens that each block's cache keeps; undefined where a block sees the whole context. */
export function slidingWindows(header: GgufHeader): (number | undefined)[] {
  const { architecture, blockCount } = header;
  const metadata = new Metadata(header.metadata);
  const none = Array.from({ length: blockCount }, () => undefined);
  const window = windowOf(architecture, metadata);
  if (window === undefined) return none;
  const pattern = metadata.perBlock(`${architecture}.attention.sliding_window_pattern`, blockCount);
  const n = singleNumber(pattern) ?? everyNth[architecture];
  if (pattern !== undefined && singleNumber(pattern) === undefined) {
    return pattern.map((slides) => (slides > 0 ? window : undefined));
  }
  // An architecture that is not known here: the whole context, which is never too little.
  if (n === undefined) return none;
  return none.map((_, block) => (block % n < n - 1 ? window : undefined));
}

function windowOf(architecture: string, metadata: Metadata): number | undefined {
  const key = architecture === 'llama4' ? 'attention.chunk_size' : 'attention.sliding_window';
  const tokens = metadata.number(`${architecture}.${key}`) ?? (architecture === 'llama4' ? 8192 : undefined);
  return tokens !== undefined && tokens > 0 ? tokens : undefined;
}

/** A pattern given as one number counts blocks; one above 1 in all of them is that number. */
function singleNumber(pattern: number[] | undefined): number | undefined {
  const [first] = pattern ?? [];
  return first !== undefined && first > 1 && pattern?.every((value) => value === first) ? first : undefined;
}
