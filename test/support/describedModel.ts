import { open } from 'node:fs/promises';
import { encodeEntry, encodeHeader, rowBytes, type MetadataValue } from '../../src/gguf/writeGguf';

/** Models of other architectures than the scripted ones, told by their header alone: all weights are holes. */
interface Description {
  metadata: Record<string, number | boolean | readonly number[]>;
  /** Tensors outside of the blocks and in each of them: dimensions by name. One dimension: 32 bits a value. */
  tensors: Record<string, readonly number[]>;
  block: Record<string, readonly number[]>;
}

const vocabulary = 32_000;
const blocks = 12;

const descriptions = {
  /** A window of 1,024 in five of six blocks; the embedding is the output. */
  gemma3: {
    metadata: {
      ...{ embedding_length: 1152, feed_forward_length: 6912, 'attention.head_count': 4 },
      ...{ 'attention.head_count_kv': 1, 'attention.key_length': 256, 'attention.value_length': 256 },
      'attention.sliding_window': 1024,
    },
    tensors: { 'token_embd.weight': [1152, vocabulary], 'output_norm.weight': [1152] },
    block: {
      ...{ 'attn_norm.weight': [1152], 'attn_q.weight': [1152, 1024], 'attn_k.weight': [1152, 256] },
      ...{ 'attn_v.weight': [1152, 256], 'attn_output.weight': [1024, 1152] },
      ...{ 'post_attention_norm.weight': [1152], 'attn_k_norm.weight': [256], 'attn_q_norm.weight': [256] },
      ...{ 'ffn_norm.weight': [1152], 'ffn_gate.weight': [1152, 6912], 'ffn_up.weight': [1152, 6912] },
      ...{ 'ffn_down.weight': [6912, 1152], 'post_ffw_norm.weight': [1152] },
    },
  },
  /** 64 experts, of which 8 are used. */
  qwen3moe: {
    metadata: {
      ...{ embedding_length: 2048, feed_forward_length: 6144, 'attention.head_count': 32 },
      ...{ 'attention.head_count_kv': 4, 'attention.key_length': 128, 'attention.value_length': 128 },
      ...{ expert_count: 64, expert_used_count: 8, expert_feed_forward_length: 768 },
    },
    tensors: {
      'token_embd.weight': [2048, vocabulary],
      'output_norm.weight': [2048],
      'output.weight': [2048, vocabulary],
    },
    block: {
      ...{ 'attn_norm.weight': [2048], 'attn_q.weight': [2048, 4096], 'attn_k.weight': [2048, 512] },
      ...{ 'attn_v.weight': [2048, 512], 'attn_output.weight': [4096, 2048] },
      ...{ 'attn_k_norm.weight': [128], 'attn_q_norm.weight': [128], 'ffn_norm.weight': [2048] },
      ...{ 'ffn_gate_inp.weight': [2048, 64], 'ffn_gate_exps.weight': [2048, 768, 64] },
      ...{ 'ffn_down_exps.weight': [768, 2048, 64], 'ffn_up_exps.weight': [2048, 768, 64] },
    },
  },
  /** Latent attention: 512 + 64 values of keys for all heads together, none of values. */
  deepseek2: {
    metadata: {
      ...{ embedding_length: 2048, feed_forward_length: 8192, 'attention.head_count': 16 },
      ...{ 'attention.head_count_kv': 1, 'attention.key_length': 576, 'attention.value_length': 512 },
      ...{ 'attention.key_length_mla': 192, 'attention.value_length_mla': 128 },
      ...{ 'attention.q_lora_rank': 768, 'attention.kv_lora_rank': 512, 'rope.dimension_count': 64 },
      ...{ leading_dense_block_count: blocks, expert_count: 64, expert_used_count: 6 },
      ...{ expert_feed_forward_length: 1408, expert_shared_count: 2 },
    },
    tensors: {
      'token_embd.weight': [2048, vocabulary],
      'output_norm.weight': [2048],
      'output.weight': [2048, vocabulary],
    },
    block: {
      ...{ 'attn_norm.weight': [2048], 'attn_q_a_norm.weight': [768], 'attn_kv_a_norm.weight': [512] },
      ...{
        'attn_q_a.weight': [2048, 768],
        'attn_q_b.weight': [768, 3072],
        'attn_kv_a_mqa.weight': [2048, 576],
      },
      ...{ 'attn_k_b.weight': [128, 512, 16], 'attn_v_b.weight': [512, 128, 16] },
      ...{ 'attn_output.weight': [2048, 2048], 'ffn_norm.weight': [2048] },
      ...{ 'ffn_gate.weight': [2048, 8192], 'ffn_up.weight': [2048, 8192], 'ffn_down.weight': [8192, 2048] },
    },
  },
  /** No attention: a state of fixed size. */
  mamba: {
    metadata: {
      ...{ embedding_length: 1536, feed_forward_length: 0, 'attention.head_count': 0 },
      ...{ 'ssm.conv_kernel': 4, 'ssm.inner_size': 3072, 'ssm.state_size': 16, 'ssm.time_step_rank': 96 },
    },
    tensors: { 'token_embd.weight': [1536, vocabulary], 'output_norm.weight': [1536] },
    block: {
      ...{ 'attn_norm.weight': [1536], 'ssm_in.weight': [1536, 6144], 'ssm_conv1d.bias': [3072] },
      ...{ 'ssm_x.weight': [3072, 128], 'ssm_dt.weight': [96, 3072], 'ssm_dt.bias': [3072] },
      ...{ ssm_d: [3072], 'ssm_out.weight': [3072, 1536] },
    },
  },
} satisfies Record<string, Description>;

export type DescribedArchitecture = keyof typeof descriptions;

/** Names of tensors that llama.cpp wants in 32 bits. */
const full: Record<string, readonly number[]> = { 'ssm_conv1d.weight': [4, 3072], ssm_a: [16, 3072] };

/** Writes the header over a hole of the weights' size: enough to plan with, nothing to load. */
export async function writeDescribedModel(path: string, architecture: DescribedArchitecture): Promise<void> {
  const { metadata, tensors, block }: Description = descriptions[architecture];
  const inBlock = architecture === 'mamba' ? { ...block, ...full } : block;
  const all = [
    ...Object.entries(tensors),
    ...Array.from({ length: blocks }, (_, n) =>
      Object.entries(inBlock).map(([name, shape]) => [`blk.${n}.${name}`, shape] as const),
    ).flat(),
  ];
  const entries: [string, MetadataValue][] = [
    ['general.architecture', { type: 'string', value: architecture }],
    ['tokenizer.ggml.model', { type: 'string', value: 'none' }],
    ...Object.entries({
      block_count: blocks,
      context_length: 131_072,
      vocab_size: vocabulary,
      ...metadata,
    }).map(([key, value]): [string, MetadataValue] => [`${architecture}.${key}`, { type: 'uint32', value }]),
    [`${architecture}.attention.layer_norm_rms_epsilon`, { type: 'float32', value: 1e-5 }],
  ];
  const { bytes, size } = encodeHeader(
    entries.map(([key, value]) => encodeEntry(key, value)),
    all.map(([name, dimensions]) => {
      const [width = 0, ...rest] = dimensions;
      const type =
        rest.length === 0 || name.includes('ssm_conv1d') || name.endsWith('ssm_a') ? 'F32' : 'Q8_0';
      return { name, dimensions, type, bytes: rowBytes(type, width) * rest.reduce((a, b) => a * b, 1) };
    }),
  );
  const file = await open(path, 'w');
  await file.truncate(size);
  await file.write(bytes, 0, bytes.length, 0);
  await file.close();
}
