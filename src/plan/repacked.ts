import type { GgufHeader } from '../gguf/model';

/** Types that every CPU with AVX2 or NEON repacks; others may stay mapped, so nothing can be told of them. */
const repackedTypes = new Set(['Q4_0', 'Q4_K']);

/**
 * Bytes of weights that llama.cpp copies into memory of its own where the CPU computes alone, mapped or not. The
 * embedding is only looked up, and stays in the file.
 */
export function repackedBytes({ tensors }: Pick<GgufHeader, 'tensors'>): number {
  return tensors
    .filter(({ name, type }) => repackedTypes.has(type) && name !== 'token_embd.weight')
    .reduce((sum, { bytes }) => sum + bytes, 0);
}
