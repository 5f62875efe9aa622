import { tensorBytes, writeGguf, type MetadataValue, type NewTensor } from '../gguf/writeGguf';

/** Of a model that is made to be timed. */
export interface CalibrationShape {
  blocks: number;
  width: number;
  feedForward: number;
}

export interface CalibrationModel {
  path: string;
  blocks: number;
  /** Weights that each token of an answer reads, bytes. */
  decodeBytes: number;
  /** Weights of one block, on average, bytes. */
  blockBytes: number;
  /** Multiply-adds of a prompt's token: the last block's feed-forward part runs for answers alone. */
  prefillMultiplyAdds: number;
}

const headWidth = 64;
/** Query heads that share a key head. */
const grouped = 4;

/**
 * Writes a model of zeros in the mix of Q4_K_M (Q6_K for the values and the way down of every other block), with a
 * vocabulary of single bytes. It takes hardly any room on a disk that knows holes, and as much time as any other.
 */
export async function writeCalibrationModel(
  path: string,
  shape: CalibrationShape,
): Promise<CalibrationModel> {
  const blocks = Array.from({ length: shape.blocks }, (_, block) => blockTensors(shape, block));
  const words = vocabulary();
  const ends = [
    matrix('token_embd', 'Q4_K', shape.width, words.tokens.length),
    vector('output_norm', shape.width),
    matrix('output', 'Q6_K', shape.width, words.tokens.length),
  ];
  await writeGguf(path, metadata(shape, words), [...ends, ...blocks.flat()]);
  const bytes = sum(blocks.flat().map(tensorBytes));
  const adds = sum(blocks.flat().map(({ width, rows }) => (rows === undefined ? 0 : width * rows)));
  return {
    path,
    blocks: shape.blocks,
    decodeBytes: bytes + sum(ends.slice(1).map(tensorBytes)),
    blockBytes: bytes / shape.blocks,
    prefillMultiplyAdds: adds - 3 * shape.width * shape.feedForward,
  };
}

function blockTensors({ width, feedForward }: CalibrationShape, block: number): NewTensor[] {
  const name = (part: string) => `blk.${block}.${part}`;
  const wide = block % 2 === 0 ? 'Q6_K' : 'Q4_K';
  return [
    vector(name('attn_norm'), width),
    matrix(name('attn_q'), 'Q4_K', width, width),
    matrix(name('attn_k'), 'Q4_K', width, width / grouped),
    matrix(name('attn_v'), wide, width, width / grouped),
    matrix(name('attn_output'), 'Q4_K', width, width),
    vector(name('ffn_norm'), width),
    matrix(name('ffn_gate'), 'Q4_K', width, feedForward),
    matrix(name('ffn_up'), 'Q4_K', width, feedForward),
    matrix(name('ffn_down'), wide, feedForward, width),
  ];
}

function matrix(name: string, type: string, width: number, rows: number): NewTensor {
  return { name: `${name}.weight`, type, width, rows, filled: [] };
}

function vector(name: string, width: number): NewTensor {
  return { name: `${name}.weight`, type: 'F32', width, filled: [] };
}

interface Vocabulary {
  tokens: string[];
  /** llama.cpp's token types: 2 unknown, 3 control, 6 byte. */
  types: number[];
}

function vocabulary(): Vocabulary {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).toUpperCase().padStart(2, '0'));
  return {
    tokens: ['<unk>', '<s>', '</s>', ...bytes.map((byte) => `<0x${byte}>`)],
    types: [2, 3, 3, ...bytes.map(() => 6)],
  };
}

function metadata(
  { blocks, width, feedForward }: CalibrationShape,
  { tokens, types }: Vocabulary,
): Record<string, MetadataValue> {
  const number = (value: number) => ({ type: 'uint32', value }) as const;
  return {
    'general.architecture': { type: 'string', value: 'llama' },
    'general.name': { type: 'string', value: 'Calibration' },
    'llama.context_length': number(2048),
    'llama.embedding_length': number(width),
    'llama.block_count': number(blocks),
    'llama.feed_forward_length': number(feedForward),
    'llama.attention.head_count': number(width / headWidth),
    'llama.attention.head_count_kv': number(width / headWidth / grouped),
    'llama.rope.dimension_count': number(headWidth),
    'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-5 },
    'tokenizer.ggml.model': { type: 'string', value: 'llama' },
    'tokenizer.ggml.add_space_prefix': { type: 'bool', value: false },
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
    'tokenizer.ggml.scores': { type: 'float32s', value: tokens.map(() => 0) },
    'tokenizer.ggml.token_type': { type: 'int32s', value: types },
    'tokenizer.ggml.bos_token_id': number(1),
    'tokenizer.ggml.eos_token_id': number(2),
  };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}
