import type { GgufHeader } from '../../src/gguf/model';
import { rowBytes } from '../../src/gguf/writeGguf';

/** Which type each tensor of a 70B has at a level: as llama.cpp v0.5.0's own dry run of quantising one says. */
interface Mix {
  embedding: string;
  output: string;
  /** What is not named below. */
  rest: string;
  values: (block: number) => string;
  attentionOutput?: string;
  down?: (block: number) => string;
}

/** The first and last eighth of 80 blocks, and every third between. */
const important = (block: number) => block < 10 || block >= 70 || (block - 10) % 3 === 2;
const always = (type: string) => () => type;
const first = (blocks: number, type: string, rest: string) => (block: number) =>
  block < blocks ? type : rest;
const mixed = (type: string, rest: string) => (block: number) => (important(block) ? type : rest);

const mixes = {
  IQ2_XXS: {
    ...{ embedding: 'Q2_K', output: 'Q5_K', rest: 'IQ2_XXS', values: always('Q4_K') },
    down: first(10, 'Q2_K', 'IQ2_XXS'),
  },
  IQ2_M: {
    ...{ embedding: 'IQ3_S', output: 'Q5_K', rest: 'IQ2_S', values: always('Q4_K') },
    ...{ attentionOutput: 'IQ3_S', down: first(10, 'IQ3_S', 'IQ2_S') },
  },
  Q2_K: {
    ...{ embedding: 'Q2_K', output: 'Q6_K', rest: 'Q2_K', values: always('Q5_K') },
    ...{ attentionOutput: 'Q3_K', down: always('Q3_K') },
  },
  IQ3_M: {
    ...{ embedding: 'IQ3_S', output: 'Q6_K', rest: 'IQ3_S', values: always('Q5_K') },
    ...{ attentionOutput: 'Q4_K', down: first(10, 'Q4_K', 'IQ3_S') },
  },
  Q3_K_M: {
    ...{ embedding: 'Q3_K', output: 'Q6_K', rest: 'Q3_K', values: always('Q5_K') },
    ...{ attentionOutput: 'Q4_K', down: first(5, 'Q5_K', 'Q4_K') },
  },
  IQ4_XS: {
    ...{ embedding: 'IQ4_XS', output: 'Q6_K', rest: 'IQ4_XS', values: always('Q5_K') },
    down: first(10, 'Q5_K', 'IQ4_XS'),
  },
  Q4_K_M: {
    ...{ embedding: 'Q4_K', output: 'Q6_K', rest: 'Q4_K', values: mixed('Q6_K', 'Q5_K') },
    down: mixed('Q6_K', 'Q4_K'),
  },
  Q5_K_M: {
    ...{ embedding: 'Q5_K', output: 'Q6_K', rest: 'Q5_K', values: mixed('Q6_K', 'Q5_K') },
    down: mixed('Q6_K', 'Q5_K'),
  },
  Q6_K: { embedding: 'Q6_K', output: 'Q6_K', rest: 'Q6_K', values: always('Q6_K') },
  Q8_0: { embedding: 'Q8_0', output: 'Q8_0', rest: 'Q8_0', values: always('Q8_0') },
} satisfies Record<string, Mix>;

export type MixedQuant = keyof typeof mixes;

/** A 70B's header as it is at another level. */
export function requantised(header: GgufHeader, level: MixedQuant): GgufHeader {
  const mix: Mix = mixes[level];
  const tensors = header.tensors.map((tensor) => {
    const [width = 0, ...rest] = tensor.dimensions;
    if (rest.length === 0) return tensor;
    const type = typeOf(mix, tensor.name);
    return { ...tensor, type, bytes: rowBytes(type, width) * rest.reduce((a, b) => a * b, 1) };
  });
  return {
    ...header,
    quant: level,
    tensors,
    tensorBytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function typeOf(mix: Mix, name: string): string {
  if (name === 'token_embd.weight') return mix.embedding;
  if (name === 'output.weight') return mix.output;
  const block = Number(/^blk\.(\d+)\./.exec(name)?.[1]);
  if (name.includes('attn_v.')) return mix.values(block);
  if (name.includes('attn_output.')) return mix.attentionOutput ?? mix.rest;
  if (name.includes('ffn_down.')) return mix.down?.(block) ?? mix.rest;
  return mix.rest;
}
