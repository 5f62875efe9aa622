/**
 * Real GGUF files of architectures whose state cannot be cut back, tiny and with pseudo-random weights: what they say
 * depends on every token that they read, so an answer from a wrong state differs from one that was computed afresh.
 *
 * They say words of a fixed list alone, which are tokenised again as they were said. All weights have 32 bits, and
 * norms see to it that no part of the state is too faint to matter.
 */
import { writeGguf, type MetadataValue, type NewTensor } from '../../src/gguf/writeGguf';
import { buildVocabulary, fimTokens, tokenizerMetadata, usualTemplate } from './scriptedVocabulary';

/** Metadata under the architecture's name, and dimensions of the tensors by name: one dimension is a norm or a bias. */
interface Description {
  metadata: Record<string, number | readonly number[]>;
  tensors: Record<string, readonly number[]>;
  blocks: readonly Record<string, readonly number[]>[];
}

export const randomWindow = 64;

const width = 64;
const inner = 128;
const headWidth = 32;
const kvWidth = 32;
const blockCount = 2;

const attention = {
  'attn_norm.weight': [width],
  'attn_q.weight': [width, width],
  'attn_k.weight': [width, kvWidth],
  'attn_v.weight': [width, kvWidth],
  'attn_output.weight': [width, width],
  'attn_q_norm.weight': [headWidth],
  'attn_k_norm.weight': [headWidth],
};
const feedForward = {
  'ffn_norm.weight': [width],
  'ffn_gate.weight': [width, inner],
  'ffn_up.weight': [width, inner],
  'ffn_down.weight': [inner, width],
};
const heads = {
  'attention.head_count': width / headWidth,
  'attention.key_length': headWidth,
  'attention.value_length': headWidth,
};
const kvHeads = kvWidth / headWidth;
const kernel = 4;
const stateSize = 16;
const timeSteps = 8;
const convolved = inner + 2 * stateSize;

function every(block: Description['blocks'][number]): Description['blocks'] {
  return Array.from({ length: blockCount }, () => block);
}

const descriptions = {
  /** A sliding window in the first block. */
  gemma3: {
    metadata: {
      ...{ ...heads, feed_forward_length: inner, 'attention.head_count_kv': kvHeads },
      ...{ 'attention.sliding_window': randomWindow, 'attention.sliding_window_pattern': 2 },
    },
    tensors: { 'output_norm.weight': [width] },
    blocks: every({
      ...{ ...attention, ...feedForward },
      ...{ 'post_attention_norm.weight': [width], 'post_ffw_norm.weight': [width] },
    }),
  },
  /** Hybrid: a convolution over the last tokens, then attention. */
  lfm2: {
    metadata: {
      ...{ ...heads, feed_forward_length: inner, 'shortconv.l_cache': 3 },
      'attention.head_count_kv': [0, kvHeads],
    },
    tensors: { 'token_embd_norm.weight': [width] },
    blocks: [false, true].map((attends) => ({
      ...feedForward,
      ...(attends
        ? attention
        : {
            'attn_norm.weight': [width],
            'shortconv.conv.weight': [3, width],
            'shortconv.in_proj.weight': [width, 3 * width],
            'shortconv.out_proj.weight': [width, width],
          }),
    })),
  },
  /** Recurrent: a state of fixed size, no attention. */
  mamba2: {
    metadata: {
      ...{
        feed_forward_length: 0,
        'attention.head_count': 0,
        'ssm.conv_kernel': kernel,
        'ssm.inner_size': inner,
      },
      ...{ 'ssm.state_size': stateSize, 'ssm.time_step_rank': timeSteps, 'ssm.group_count': 1 },
    },
    tensors: { 'output_norm.weight': [width] },
    blocks: every({
      ...{ 'attn_norm.weight': [width], 'ssm_in.weight': [width, inner + convolved + timeSteps] },
      ...{
        'ssm_conv1d.weight': [kernel, convolved],
        'ssm_conv1d.bias': [convolved],
        'ssm_dt.bias': [timeSteps],
      },
      ...{ ssm_a: [1, timeSteps], ssm_d: [1, timeSteps], 'ssm_norm.weight': [inner, 1] },
      'ssm_out.weight': [inner, width],
    }),
  },
} satisfies Record<string, Description>;

export type RandomArchitecture = keyof typeof descriptions;
export const randomArchitectures = Object.keys(descriptions) as RandomArchitecture[];

const syllables = 'ba be bi bo da de di do ka ke ki ko la le li lo ma me mi mo na ne ni no sa se si so'.split(
  ' ',
);
/** What the models say: 32 words, each of which is one token. */
const words = syllables.concat('ta te ti to'.split(' ')).map((syllable) => `-${syllable}`);

/**
 * Writes the model. Deterministic: the same architecture gives the same bytes.
 * @param fim with the tokens for filling in
 */
export async function writeRandomModel(
  path: string,
  architecture: RandomArchitecture,
  { fim = false } = {},
): Promise<void> {
  const { metadata, tensors, blocks }: Description = descriptions[architecture];
  const { tokens } = buildVocabulary([{ text: 'x' }], fim ? fimTokens : []);
  const firstWord = tokens.length;
  for (const text of words) tokens.push({ text, type: 4 });
  const random = gaussian(1);
  const named: [string, readonly number[]][] = [
    ['token_embd.weight', [width, tokens.length]],
    ...Object.entries(tensors),
    ...blocks.flatMap((block, index) =>
      Object.entries(block).map(([name, shape]): [string, readonly number[]] => [
        `blk.${index}.${name}`,
        shape,
      ]),
    ),
  ];
  const written = named.map(([name, shape]) => tensor(name, shape, random));
  const output = tensor('output.weight', [width, tokens.length], random);
  // Only the words are ever likelier than nothing.
  output.filled = output.filled.filter(({ row }) => row >= firstWord);
  const all = { block_count: blockCount, context_length: 32_768, embedding_length: width, ...metadata };
  await writeGguf(
    path,
    {
      'general.architecture': { type: 'string', value: architecture },
      'general.name': { type: 'string', value: `Random ${architecture}` },
      'general.file_type': { type: 'uint32', value: 0 },
      ...Object.fromEntries(
        Object.entries(all).map(([key, value]) => [`${architecture}.${key}`, metadataValue(value)]),
      ),
      [`${architecture}.vocab_size`]: { type: 'uint32', value: tokens.length },
      [`${architecture}.attention.layer_norm_rms_epsilon`]: { type: 'float32', value: 1e-5 },
      ...tokenizerMetadata(tokens, usualTemplate(false)),
    },
    [...written, output],
  );
}

function metadataValue(value: number | readonly number[]): MetadataValue {
  return typeof value === 'number' ? { type: 'uint32', value } : { type: 'int32s', value: [...value] };
}

function tensor(name: string, [columns = 1, rows]: readonly number[], random: () => number): NewTensor {
  const value = valuesOf(name, columns, random);
  const filled = Array.from({ length: rows ?? 1 }, (_, row) => {
    const values = Float32Array.from({ length: columns }, value);
    return { row, bytes: Buffer.from(values.buffer) };
  });
  return { name, type: 'F32', width: columns, filled, ...(rows !== undefined && { rows }) };
}

function valuesOf(name: string, columns: number, random: () => number): () => number {
  // A sharp look at single tokens: an even one over thousands of them would say the same of each conversation.
  if (name.endsWith('attn_q_norm.weight')) return () => 2.5;
  if (name.endsWith('norm.weight')) return () => 1;
  // How a state fades: slowly, so that its beginning is there thousands of tokens later.
  if (name.endsWith('ssm_a')) return () => -Math.exp(random()) / 10_000;
  // What passes the state by.
  if (name.endsWith('ssm_d')) return () => 0;
  if (name.endsWith('.bias')) return () => random() / 10;
  if (name.endsWith('conv.weight') || name.endsWith('conv1d.weight')) return () => random();
  // What was seen of the past weighs more than the last token.
  const gain = /attn_output|shortconv\.out_proj|ssm_out/.test(name) ? 4 : 1;
  return () => (gain * random()) / Math.sqrt(columns);
}

/** Numbers with mean 0 and variance 1, always the same. */
function gaussian(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
