/** A short list of models worth getting, the most capable first. Data only: nothing of it is fetched unasked. */

export type Job = 'code' | 'chat' | 'completion' | 'draft';

export interface CuratedModel {
  name: string;
  /** On Hugging Face, `owner/name`. */
  repository: string;
  job: Job;
  facts: ModelFacts;
  /** Levels that the repository has; absent: the usual ones. Bytes. */
  levels?: readonly { name: string; bytes: number }[];
}

/** What a model's own configuration says of its shape. */
export interface ModelFacts {
  blocks: number;
  width: number;
  heads: number;
  kvHeads: number;
  headWidth: number;
  /** Of the dense feed-forward part; 0 where all of it is experts. */
  feedForward: number;
  experts?: { count: number; used: number; width: number };
  vocabulary: number;
  /** The embedding is the output, too. */
  tied?: boolean;
  /** Tokens that every other layer keeps. */
  window?: number;
  context: number;
}

const qwen3Experts: ModelFacts = {
  ...{ blocks: 48, width: 2048, heads: 32, kvHeads: 4, headWidth: 128, feedForward: 0 },
  ...{ experts: { count: 128, used: 8, width: 768 }, vocabulary: 151_936, context: 262_144 },
};
const gptOss: Omit<ModelFacts, 'blocks' | 'experts'> = {
  ...{ width: 2880, heads: 64, kvHeads: 8, headWidth: 64, feedForward: 0 },
  ...{ vocabulary: 201_088, window: 128, context: 131_072 },
};

export const curatedModels: readonly CuratedModel[] = [
  {
    ...{ name: 'gpt-oss 120B', repository: 'ggml-org/gpt-oss-120b-GGUF', job: 'chat' },
    facts: { ...gptOss, blocks: 36, experts: { count: 128, used: 4, width: 2880 } },
    levels: [{ name: 'MXFP4', bytes: 63.4e9 }],
  },
  {
    ...{ name: 'Llama 3.3 70B Instruct', repository: 'bartowski/Llama-3.3-70B-Instruct-GGUF', job: 'chat' },
    facts: {
      ...{ blocks: 80, width: 8192, heads: 64, kvHeads: 8, headWidth: 128, feedForward: 28_672 },
      ...{ vocabulary: 128_256, context: 131_072 },
    },
  },
  {
    name: 'Qwen3 Coder 30B A3B Instruct',
    ...{ repository: 'unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF', job: 'code', facts: qwen3Experts },
  },
  {
    name: 'Qwen2.5 Coder 32B Instruct',
    ...{ repository: 'bartowski/Qwen2.5-Coder-32B-Instruct-GGUF', job: 'code' },
    facts: {
      ...{ blocks: 64, width: 5120, heads: 40, kvHeads: 8, headWidth: 128, feedForward: 27_648 },
      ...{ vocabulary: 152_064, context: 32_768 },
    },
  },
  {
    name: 'Qwen3 30B A3B Instruct 2507',
    ...{ repository: 'unsloth/Qwen3-30B-A3B-Instruct-2507-GGUF', job: 'chat', facts: qwen3Experts },
  },
  {
    ...{ name: 'gpt-oss 20B', repository: 'ggml-org/gpt-oss-20b-GGUF', job: 'chat' },
    facts: { ...gptOss, blocks: 24, experts: { count: 32, used: 4, width: 2880 } },
    levels: [{ name: 'MXFP4', bytes: 12.1e9 }],
  },
  {
    ...{ name: 'Qwen3 8B', repository: 'Qwen/Qwen3-8B-GGUF', job: 'chat' },
    facts: {
      ...{ blocks: 36, width: 4096, heads: 32, kvHeads: 8, headWidth: 128, feedForward: 12_288 },
      ...{ vocabulary: 151_936, context: 40_960 },
    },
  },
  {
    ...{ name: 'Qwen2.5 Coder 7B', repository: 'ggml-org/Qwen2.5-Coder-7B-Q8_0-GGUF', job: 'completion' },
    facts: {
      ...{ blocks: 28, width: 3584, heads: 28, kvHeads: 4, headWidth: 128, feedForward: 18_944 },
      ...{ vocabulary: 152_064, context: 32_768 },
    },
    levels: [{ name: 'Q8_0', bytes: 8.1e9 }],
  },
  {
    ...{ name: 'Qwen2.5 Coder 1.5B', repository: 'ggml-org/Qwen2.5-Coder-1.5B-Q8_0-GGUF', job: 'completion' },
    facts: {
      ...{ blocks: 28, width: 1536, heads: 12, kvHeads: 2, headWidth: 128, feedForward: 8960 },
      ...{ vocabulary: 151_936, tied: true, context: 32_768 },
    },
    levels: [{ name: 'Q8_0', bytes: 1.65e9 }],
  },
  {
    ...{ name: 'Qwen3 0.6B', repository: 'Qwen/Qwen3-0.6B-GGUF', job: 'draft' },
    facts: {
      ...{ blocks: 28, width: 1024, heads: 16, kvHeads: 8, headWidth: 128, feedForward: 3072 },
      ...{ vocabulary: 151_936, tied: true, context: 40_960 },
    },
    levels: [{ name: 'Q8_0', bytes: 0.64e9 }],
  },
  {
    ...{ name: 'Llama 3.2 1B Instruct', repository: 'bartowski/Llama-3.2-1B-Instruct-GGUF', job: 'draft' },
    facts: {
      ...{ blocks: 16, width: 2048, heads: 32, kvHeads: 8, headWidth: 64, feedForward: 8192 },
      ...{ vocabulary: 128_256, tied: true, context: 131_072 },
    },
  },
];
