import { describe, expect, it } from 'vitest';
import type { Entries } from './ggufBytes';
import { modelBytes, parse } from './smallModel';

/** The tokens for filling in of a model with such entries. */
function fimOf(words: readonly string[], more: Record<string, Entries[number][1]> = {}) {
  return parse(modelBytes({ 'tokenizer.ggml.tokens': ['array', 'string', words], ...more })).fim;
}

const qwen = ['a', '<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>', '<|repo_name|>', '<|file_sep|>'];

describe('tokens for filling in', () => {
  it('are found by the names that llama.cpp knows', () => {
    expect(fimOf(qwen)).toEqual({ prefix: 1, middle: 2, suffix: 3, repository: 4, separator: 5 });
    expect(fimOf(['<fim_prefix>', '<fim_suffix>', '<fim_middle>', '<repo_name>', '<file_sep>'])).toEqual({
      ...{ prefix: 0, suffix: 1, middle: 2, repository: 3, separator: 4 },
    });
    expect(fimOf(['<PRE>', '▁<SUF>', '<MID>'])).toEqual({ prefix: 0, suffix: 1, middle: 2 });
    expect(fimOf(['<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>'])).toEqual({
      ...{ prefix: 0, suffix: 1, middle: 2 },
    });
  });

  it('are those that the metadata name, whatever they are called', () => {
    const named: Parameters<typeof fimOf>[1] = {
      'tokenizer.ggml.fim_pre_token_id': ['u32', 3],
      'tokenizer.ggml.suffix_token_id': ['u32', 2],
      'tokenizer.ggml.fim_mid_token_id': ['u32', 1],
      'tokenizer.ggml.fim_sep_token_id': ['u32', 0],
    };
    expect(fimOf(['a', 'b', 'c', 'd'], named)).toEqual({ prefix: 3, suffix: 2, middle: 1, separator: 0 });
  });

  it('are none where one of the three is missing, or is no token', () => {
    expect(fimOf(qwen.filter((word) => word !== '<|fim_middle|>'))).toBeUndefined();
    expect(fimOf(['a', 'b'])).toBeUndefined();
    const outside: Parameters<typeof fimOf>[1] = {
      'tokenizer.ggml.fim_pre_token_id': ['u32', 9],
      'tokenizer.ggml.fim_suf_token_id': ['u32', 1],
      'tokenizer.ggml.fim_mid_token_id': ['u32', 2],
    };
    expect(fimOf(['a', 'b', 'c'], outside)).toBeUndefined();
  });
});
