/**
 * A real llama-architecture GGUF whose answers are known to the letter.
 *
 * All weights are zero but for the embeddings, the output matrix and one attention head of the first block. The hidden
 * state is the code of the last token; the output row of each token of a script is the code of the token before it.
 * The head looks exactly two positions back (by the rotary embedding alone) and copies what it finds there: when
 * the last token is `<|assistant|>`, that is the last word of the prompt, before `<|end|>`. The answer therefore
 * depends on the KV cache as well: a wrong cache gives a wrong script.
 */
import { tensorBytes, writeGguf, type MetadataValue } from '../../src/gguf/writeGguf';
import { defaultScripts } from './defaultScripts';
import { buildTensors, ropeBase } from './scriptedTensors';
import { buildVocabulary, fimTokens, tokenizerMetadata, usualTemplate } from './scriptedVocabulary';

export interface Script {
  /** Prompts that end with one of these get this answer. Absent on the one script for all other prompts. */
  lastWords?: readonly string[];
  text: string;
  /** Said inside `<think>` before the text. At most one script of a file may have it. */
  thought?: string;
  /** How the text is cut into tokens; absent: at its words. */
  pieces?: readonly string[];
}

/** Where the file's chat template is not the usual one. */
export interface Dialect {
  /** Jinja. */
  template: string;
  /** What ends every prompt: one token. What is two tokens before it selects the script. */
  assistant: string;
  /** The end-of-turn token. */
  end: string;
  /** Other control tokens. */
  control: readonly string[];
}

export interface ModelShape {
  blocks: number;
  width: number;
  feedForward: number;
  heads: number;
  kvHeads: number;
  /** Vocabulary entries; what the scripts do not need is filler. 0: only what they need. */
  vocabulary: number;
  contextLength: number;
}

const oneB: ModelShape = {
  blocks: 16,
  width: 2048,
  feedForward: 8192,
  heads: 32,
  kvHeads: 8,
  vocabulary: 128_256,
  contextLength: 131_072,
};

export const shapes = {
  tiny: {
    blocks: 2,
    width: 256,
    feedForward: 512,
    heads: 4,
    kvHeads: 2,
    vocabulary: 0,
    contextLength: 8192,
  },
  '1B': oneB,
  /** Loads in half the time: reading a vocabulary takes longer than reading weights of zero. */
  '1B, 32k words': { ...oneB, vocabulary: 32_000 },
  '8B': {
    blocks: 32,
    width: 4096,
    feedForward: 14_336,
    heads: 32,
    kvHeads: 8,
    vocabulary: 128_256,
    contextLength: 131_072,
  },
  '70B': {
    blocks: 80,
    width: 8192,
    feedForward: 28_672,
    heads: 64,
    kvHeads: 8,
    vocabulary: 128_256,
    contextLength: 131_072,
  },
} satisfies Record<string, ModelShape>;

/** `general.file_type` of each mix. */
const fileTypes = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7, Q4_K_M: 15 } as const;
export type Quant = keyof typeof fileTypes;

export interface ScriptedModelOptions {
  shape?: keyof typeof shapes | Partial<ModelShape>;
  quant?: Quant;
  /** `general.file_type`, where the label shall differ from the tensors. */
  fileType?: number;
  name?: string;
  architecture?: string;
  scripts?: readonly Script[];
  /**
   * With the tokens for filling in, by names that llama.cpp knows. A ghost text is the script that the token before the
   * last of the suffix selects, or, where the suffix is empty, the last of the prefix.
   */
  fim?: boolean;
  dialect?: Dialect;
  /** More metadata, or other values for what is written anyway. */
  metadata?: Record<string, MetadataValue>;
}

export interface ScriptedModelInfo {
  path: string;
  /** Apparent size of the file in bytes. */
  fileBytes: number;
  tensorBytes: number;
  blocks: number;
  vocabulary: number;
  scripts: {
    lastWords: readonly string[];
    text: string;
    /** The tokens of the answer, in order, `<think>` and `</think>` included, the end token not. */
    pieces: string[];
    thought: string | undefined;
  }[];
}

/** Writes the model. Deterministic: the same options give the same bytes. */
export async function writeScriptedModel(
  path: string,
  options: ScriptedModelOptions = {},
): Promise<ScriptedModelInfo> {
  const shape: ModelShape =
    typeof options.shape === 'string' ? shapes[options.shape] : { ...shapes.tiny, ...options.shape };
  const quant = options.quant ?? 'F16';
  const scripts = options.scripts ?? defaultScripts;
  const { tokens, pieces } = buildVocabulary(scripts, options.fim === true ? fimTokens : [], options.dialect);
  const thinking = scripts.some((script) => script.thought !== undefined);
  while (tokens.length < shape.vocabulary) {
    tokens.push({ text: `<|filler_${tokens.length}|>`, type: 5 });
  }
  const tensors = buildTensors(shape, quant, tokens);
  const architecture = options.architecture ?? 'llama';
  const fileBytes = await writeGguf(
    path,
    {
      'general.architecture': { type: 'string', value: architecture },
      'general.name': { type: 'string', value: options.name ?? 'Scripted test model' },
      'general.file_type': { type: 'uint32', value: options.fileType ?? fileTypes[quant] },
      'general.quantization_version': { type: 'uint32', value: 2 },
      ...shapeMetadata(architecture, shape, tokens.length),
      ...tokenizerMetadata(tokens, options.dialect?.template ?? usualTemplate(thinking)),
      ...options.metadata,
    },
    tensors,
  );
  return {
    path,
    fileBytes,
    tensorBytes: tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0),
    blocks: shape.blocks,
    vocabulary: tokens.length,
    scripts: scripts.map((script, index) => ({
      lastWords: script.lastWords ?? [],
      text: script.text,
      pieces: pieces[index] ?? [],
      thought: script.thought,
    })),
  };
}

/** The answer of a model to a prompt. */
export function expectedAnswer(model: ScriptedModelInfo, prompt: string): string {
  const selected =
    model.scripts.find((script) => script.lastWords.some((word) => prompt.endsWith(word))) ??
    model.scripts.find((script) => script.lastWords.length === 0);
  if (selected === undefined) throw new Error('The model has no answer for other prompts');
  return selected.text;
}

function shapeMetadata(
  architecture: string,
  shape: ModelShape,
  vocabulary: number,
): Record<string, MetadataValue> {
  const numbers = {
    context_length: shape.contextLength,
    embedding_length: shape.width,
    block_count: shape.blocks,
    feed_forward_length: shape.feedForward,
    'attention.head_count': shape.heads,
    'attention.head_count_kv': shape.kvHeads,
    'rope.dimension_count': shape.width / shape.heads,
    vocab_size: vocabulary,
  };
  return {
    ...Object.fromEntries(
      Object.entries(numbers).map(([key, value]) => [
        `${architecture}.${key}`,
        { type: 'uint32', value } satisfies MetadataValue,
      ]),
    ),
    [`${architecture}.attention.layer_norm_rms_epsilon`]: { type: 'float32', value: 1e-5 },
    [`${architecture}.rope.freq_base`]: { type: 'float32', value: ropeBase },
  };
}
