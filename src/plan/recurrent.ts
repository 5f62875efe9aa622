import { hasAttention } from '../gguf/architectures';
import { Metadata } from '../gguf/metadata';
import type { GgufHeader } from '../gguf/model';

type Described = Pick<GgufHeader, 'architecture' | 'blockCount' | 'metadata' | 'kvHeadCounts'> &
  Pick<GgufHeader, 'embeddingLength' | 'headCount'>;

const bytesPerValue = 4;

/** One of so many blocks has attention, unless the file says otherwise. Here and below: llama.cpp's src/models. */
const attentionEvery: Readonly<Record<string, number>> = {
  qwen3next: 4,
  qwen35: 4,
  qwen35moe: 4,
  qwen4exp: 4,
  'minimax-01': 8,
};

/** Blocks without heads for keys are recurrent. */
const headless = new Set([
  'jamba',
  'plamo2',
  'granitehybrid',
  'lfm2',
  'lfm2moe',
  'nemotron_h',
  'nemotron_h_moe',
  'kimi-linear',
  'kimi-k3',
  'bailingmoe3',
]);

/** What each block keeps of the tokens before: keys and values, a state of fixed size, both or nothing. */
export function blockMemories(header: Described): { attends: boolean; recurs: boolean }[] {
  const { architecture, blockCount, metadata, kvHeadCounts } = header;
  const entries = new Metadata(metadata);
  const every = entries.number(`${architecture}.full_attention_interval`) ?? attentionEvery[architecture];
  const named = metadata.get(`${architecture}.attention.recurrent_layers`);
  const flags = typeof named === 'object' && named.kind === 'array' ? named.values : undefined;
  // Nemotron-H has blocks of a feed-forward part alone.
  const feedForward = architecture.startsWith('nemotron_h')
    ? entries.perBlock(`${architecture}.feed_forward_length`, blockCount)
    : undefined;
  return Array.from({ length: blockCount }, (_, block) => {
    if (!hasAttention(architecture)) return { attends: false, recurs: true };
    if (architecture === 'falcon-h1') return { attends: true, recurs: true };
    const heads = kvHeadCounts[block] ?? 0;
    if (attentionEvery[architecture] !== undefined && every !== undefined) {
      const recurs = flags === undefined ? (block + 1) % every !== 0 : Boolean(flags[block]);
      return { attends: !recurs, recurs };
    }
    return { attends: heads > 0, recurs: heads === 0 && headless.has(architecture) && !feedForward?.[block] };
  });
}

/** State of one recurrent block for one sequence, bytes: llama.cpp's `n_embd_r` and `n_embd_s`, 32 bits a value. */
export function stateBytes({ architecture, metadata, embeddingLength, headCount }: Described): number {
  const entries = new Metadata(metadata);
  const number = (key: string) => entries.number(`${architecture}.${key}`) ?? 0;
  const wkvHead = number('wkv.head_size');
  if (wkvHead > 0) {
    const shifts = entries.number(`${architecture}.token_shift_count`) ?? 2;
    return bytesPerValue * embeddingLength * (shifts + wkvHead);
  }
  const shortConvolution = number('shortconv.l_cache');
  if (shortConvolution > 0) return bytesPerValue * (shortConvolution - 1) * embeddingLength;
  const kernel = number('ssm.conv_kernel');
  const deltaHead = number('kda.head_dim');
  if (deltaHead > 0) {
    const inner = headCount * deltaHead;
    return bytesPerValue * (3 * (kernel > 0 ? kernel - 1 : 3) * inner + deltaHead * inner);
  }
  if (architecture === 'minimax-01') {
    const head = entries.number(`${architecture}.attention.key_length`) ?? embeddingLength / headCount;
    return bytesPerValue * head * head * headCount;
  }
  const inner = number('ssm.inner_size');
  const state = number('ssm.state_size');
  const convolution = Math.max(0, kernel - 1) * (inner + 2 * number('ssm.group_count') * state);
  return bytesPerValue * (convolution + state * inner);
}
