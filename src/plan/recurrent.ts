import type { GgufHeader } from '../gguf/model';
import { Metadata } from '../gguf/metadata';

const bytesPerValue = 4;

/** Architectures whose blocks have attention and a recurrent part both. */
const parallel = new Set(['falcon-h1']);
/** Hybrids that name how often a block has attention, in code or by a key. */
const attentionEvery: Readonly<Record<string, number>> = { qwen3next: 4, qwen35: 4, qwen35moe: 4 };

/** Whether a block has no attention, so that it adds nothing to the KV cache. */
export function isRecurrentOnly(
  { architecture, kvHeadCounts, metadata }: GgufHeader,
  block: number,
): boolean {
  const entries = new Metadata(metadata);
  if (parallel.has(architecture) || !hasState(architecture, entries)) return (kvHeadCounts[block] ?? 0) === 0;
  const every = entries.number(`${architecture}.full_attention_interval`) ?? attentionEvery[architecture];
  if (every !== undefined) return (block + 1) % every !== 0;
  return (kvHeadCounts[block] ?? 0) === 0;
}

/** State of one recurrent block for one sequence, bytes; 0 where it has none. Formulas: llama.cpp's `n_embd_r`, `n_embd_s`. */
export function stateBytes(header: GgufHeader, block: number): number {
  const { architecture, embeddingLength } = header;
  const metadata = new Metadata(header.metadata);
  const number = (key: string) => metadata.number(`${architecture}.${key}`) ?? 0;
  if (!isRecurrentOnly(header, block) && !parallel.has(architecture)) return 0;
  const headSize = number('wkv.head_size');
  if (headSize > 0) return bytesPerValue * (2 * embeddingLength + embeddingLength * headSize);
  const shortConvolution = number('shortconv.l_cache');
  if (shortConvolution > 0) return bytesPerValue * (shortConvolution - 1) * embeddingLength;
  const inner = number('ssm.inner_size');
  const state = number('ssm.state_size');
  const convolution =
    Math.max(0, number('ssm.conv_kernel') - 1) * (inner + 2 * number('ssm.group_count') * state);
  return bytesPerValue * (convolution + state * inner);
}

function hasState(architecture: string, metadata: Metadata): boolean {
  return ['ssm.state_size', 'wkv.head_size', 'shortconv.l_cache'].some((key) =>
    metadata.has(`${architecture}.${key}`),
  );
}
