import type { NewTensor } from '../../src/gguf/writeGguf';
import { encodeRow, type TensorType } from './quantRows';
import type { ModelShape, Quant } from './scriptedModel';
import { selectorWidth, type Token } from './scriptedVocabulary';

/** Low, so that one step of position turns many of the head's pairs visibly. */
export const ropeBase = 100;

/** Sharpens the head: the position two back outweighs its neighbours by far. */
const queryMagnitude = 256;
const lookBack = 2;

/**
 * Dimensions of the hidden state: a constant 1; the script that the token selects; room for what the head copies
 * (zero in the embeddings); the token's identity.
 */
const constantAt = 0;
const selectsAt = 1;
const copiedAt = selectsAt + selectorWidth;
const identityAt = copiedAt + selectorWidth;

export function buildTensors(shape: ModelShape, quant: Quant, tokens: Token[]): NewTensor[] {
  const types = tensorTypesOf(quant, shape.blocks);
  const { width } = shape;
  const matrix = (
    name: string,
    type: TensorType,
    columns: number,
    rows: number,
    filled: Map<number, { signs: Int8Array; magnitude?: number }> = new Map(),
  ): NewTensor => ({
    name,
    type,
    width: columns,
    rows,
    filled: [...filled].map(([row, { signs, magnitude }]) => ({
      row,
      bytes: encodeRow(type, signs, magnitude),
    })),
  });
  const ones = (name: string): NewTensor => ({
    name,
    type: 'F32',
    width,
    filled: [{ row: 0, bytes: encodeRow('F32', new Int8Array(width).fill(1)) }],
  });

  const kvWidth = (width / shape.heads) * shape.kvHeads;
  const tensors = [
    matrix('token_embd.weight', types.embedding, width, tokens.length, embeddingRows(width, tokens)),
    ones('output_norm.weight'),
    matrix('output.weight', types.output, width, tokens.length, outputRows(width, tokens)),
  ];
  for (let block = 0; block < shape.blocks; block++) {
    const name = (part: string) => `blk.${block}.${part}.weight`;
    const head = block === 0 ? headRows(width, width / shape.heads) : undefined;
    const big = types.big(block);
    tensors.push(
      ones(name('attn_norm')),
      matrix(name('attn_q'), types.plain, width, width, head?.query),
      matrix(name('attn_k'), types.plain, width, kvWidth, head?.key),
      matrix(name('attn_v'), big, width, kvWidth, head?.value),
      matrix(name('attn_output'), types.plain, width, width, head?.output),
      ones(name('ffn_norm')),
      matrix(name('ffn_gate'), types.plain, width, shape.feedForward),
      matrix(name('ffn_up'), types.plain, width, shape.feedForward),
      matrix(name('ffn_down'), big, shape.feedForward, width),
    );
  }
  return tensors;
}

/** Which tensor has which type. Q4_K_M is llama.cpp's own mix: the same bytes as a real file of that shape. */
function tensorTypesOf(quant: Quant, blocks: number) {
  if (quant !== 'Q4_K_M') return { embedding: quant, output: quant, plain: quant, big: () => quant };
  const eighth = Math.floor(blocks / 8);
  const big = (block: number): TensorType =>
    block < eighth || block >= Math.floor((7 * blocks) / 8) || (block - eighth) % 3 === 2 ? 'Q6_K' : 'Q4_K';
  return { embedding: 'Q4_K', output: 'Q6_K', plain: 'Q4_K', big } as const;
}

function embeddingRows(width: number, tokens: Token[]): Map<number, { signs: Int8Array }> {
  const rows = new Map<number, { signs: Int8Array }>();
  for (const [id, token] of tokens.entries()) {
    if (token.selects === undefined) continue;
    const signs = identity(width, token.code ?? 'other');
    signs[constantAt] = 1;
    signs.set(selectorCode(token.selects), selectsAt);
    rows.set(id, { signs });
  }
  return rows;
}

function outputRows(width: number, tokens: Token[]): Map<number, { signs: Int8Array }> {
  const rows = new Map<number, { signs: Int8Array }>();
  for (const [id, token] of tokens.entries()) {
    if (token.after === undefined) continue;
    const signs = identity(width, token.after);
    if (token.opens !== undefined) signs.set(selectorCode(token.opens), copiedAt);
    rows.set(id, { signs });
  }
  return rows;
}

/**
 * The head: every query is the same vector, every key the same one turned ahead by two positions, so that the rotary
 * embedding makes their product greatest two positions back. The value is the selector's code.
 */
function headRows(width: number, headWidth: number) {
  const single = (column: number, value: number) => {
    const signs = new Int8Array(width);
    signs[column] = Math.sign(value);
    return { signs, magnitude: Math.abs(value) };
  };
  const query = new Map<number, { signs: Int8Array; magnitude: number }>();
  const key = new Map<number, { signs: Int8Array; magnitude: number }>();
  for (let pair = 0; pair < headWidth / 2; pair++) {
    const angle = lookBack * ropeBase ** ((-2 * pair) / headWidth);
    query.set(pair * 2, single(constantAt, queryMagnitude));
    key.set(pair * 2, single(constantAt, Math.cos(angle)));
    key.set(pair * 2 + 1, single(constantAt, Math.sin(angle)));
  }
  const value = new Map<number, { signs: Int8Array }>();
  const output = new Map<number, { signs: Int8Array }>();
  for (let index = 0; index < selectorWidth; index++) {
    value.set(index, single(selectsAt + index, 1));
    output.set(copiedAt + index, single(index, 1));
  }
  return { query, key, value, output };
}

/** Rows of a Hadamard matrix: of two different scripts exactly half of the signs agree. */
function selectorCode(script: number): Int8Array {
  return Int8Array.from({ length: selectorWidth }, (_, index) => {
    let common = script & index;
    let sign = 1;
    for (; common > 0; common &= common - 1) sign = -sign;
    return sign;
  });
}

/** Random signs in the dimensions of the identity, the same for the same code. */
function identity(width: number, code: string): Int8Array {
  let state = 2166136261;
  for (const character of code) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 16777619);
  }
  const signs = new Int8Array(width);
  for (let index = identityAt; index < width; index++) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    signs[index] = ((mixed ^ (mixed >>> 14)) & 1) === 0 ? -1 : 1;
  }
  return signs;
}
