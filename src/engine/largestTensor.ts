import { encodeEntry, encodeHeader, type MetadataValue } from '../gguf/writeGguf';
import type { LlamaLibrary } from './llama';

const mebibyte = 2 ** 20;
/** What a Vulkan device takes at least: the specification's least `maxStorageBufferRange`. Bytes. */
const guaranteed = 128 * mebibyte;
/** The limits that drivers have, the most frequent first; it is 32 bits wide. Each a whole number of rows. */
const tried = [4095, 2047, 1024, 512, 256].map((size) => size * mebibyte);

/**
 * The most bytes that one tensor may have on the GPU; undefined where there is no such limit. Vulkan has one, and the
 * library does not tell it: a model is simulated whose weights llama.cpp leaves on the CPU where they are larger.
 */
export async function largestTensor(library: LlamaLibrary): Promise<number | undefined> {
  if (library.backend !== 'vulkan') return undefined;
  for (const bytes of tried) {
    const simulator = await library.simulator(headerOf(bytes));
    const { vramBytes } = await simulator.weights({ gpuLayers: 2, mmap: true });
    if (vramBytes >= bytes) return bytes;
  }
  return guaranteed;
}

const width = 4096;
const headWidth = 64;

/** Of a model of one block whose feed-forward matrices have so many bytes each. */
function headerOf(bytes: number): Buffer {
  const rows = bytes / (2 * width);
  const block: [string, number[]][] = [
    ['attn_norm', [width]],
    ['attn_q', [width, width]],
    ['attn_k', [width, headWidth]],
    ['attn_v', [width, headWidth]],
    ['attn_output', [width, width]],
    ['ffn_norm', [width]],
    ['ffn_gate', [width, rows]],
    ['ffn_up', [width, rows]],
    ['ffn_down', [rows, width]],
  ];
  const tensors: [string, number[]][] = [
    ['token_embd', [width, headWidth]],
    ['output_norm', [width]],
    ['output', [width, headWidth]],
    ...block.map(([name, dimensions]): [string, number[]] => [`blk.0.${name}`, dimensions]),
  ];
  return encodeHeader(
    Object.entries(metadata(rows)).map(([key, value]) => encodeEntry(key, value)),
    tensors.map(([name, dimensions]) => {
      const isMatrix = dimensions.length > 1;
      const values = dimensions.reduce((product, size) => product * size, 1);
      return {
        name: `${name}.weight`,
        dimensions,
        type: isMatrix ? 'F16' : 'F32',
        bytes: values * (isMatrix ? 2 : 4),
      };
    }),
  ).bytes;
}

function metadata(feedForward: number): Record<string, MetadataValue> {
  const number = (value: number) => ({ type: 'uint32', value }) as const;
  return {
    'general.architecture': { type: 'string', value: 'llama' },
    'llama.context_length': number(2048),
    'llama.embedding_length': number(width),
    'llama.block_count': number(1),
    'llama.feed_forward_length': number(feedForward),
    'llama.attention.head_count': number(width / headWidth),
    'llama.attention.head_count_kv': number(1),
    'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-5 },
    'llama.rope.dimension_count': number(headWidth),
    'llama.vocab_size': number(headWidth),
    'tokenizer.ggml.model': { type: 'string', value: 'none' },
  };
}
