import { describe, expect, it } from 'vitest';
import { groupByQuant } from '../../../src/get/quantGroups';

const file = (path: string, bytes = 1) => ({ path, bytes, sha256: path });
const levels = (...paths: string[]) =>
  groupByQuant(paths.map((path) => file(path))).map(({ level }) => level);

describe('groupByQuant', () => {
  it.each([
    ['Llama-3.3-70B-Instruct-Q4_K_M.gguf', 'Q4_K_M'],
    ['Qwen3-Coder-30B-A3B-Instruct-UD-Q4_K_XL.gguf', 'UD-Q4_K_XL'],
    ['qwen2.5-coder-7b-q8_0.gguf', 'Q8_0'],
    ['model.IQ2_XXS.gguf', 'IQ2_XXS'],
    ['gpt-oss-20b-mxfp4.gguf', 'MXFP4'],
    ['Model-BF16.gguf', 'BF16'],
    ['Qwen3-8B-F16.gguf', 'F16'],
    ['Q6_K/Model.gguf', 'Q6_K'],
    ['model-f16.Q4_K_M.gguf', 'Q4_K_M'],
    ['some-model.gguf', 'some-model'],
  ])('reads the level of %s', (path, level) => {
    expect(levels(path)).toEqual([level]);
  });

  it('brings split files together, in order, and puts the largest first', () => {
    const files = [
      file('Q8_0/M-Q8_0-00002-of-00002.gguf', 30),
      file('M-Q4_K_M.gguf', 40),
      file('Q8_0/M-Q8_0-00001-of-00002.gguf', 50),
    ];
    expect(groupByQuant(files)).toEqual([
      { level: 'Q8_0', files: [files[2], files[0]], bytes: 80, missing: 0 },
      { level: 'Q4_K_M', files: [files[1]], bytes: 40, missing: 0 },
    ]);
  });

  it('counts parts that are not there', () => {
    const part = (index: number) => file(`M-Q4_0-0000${index}-of-00003.gguf`);
    expect(groupByQuant([part(1), part(3)])).toMatchObject([{ level: 'Q4_0', missing: 1 }]);
    expect(groupByQuant([part(2)])).toMatchObject([{ level: 'Q4_0', missing: 3 }]);
  });

  it('tells models of one level apart by their names', () => {
    expect(levels('Base-7B-Q8_0.gguf', 'Chat-7B-Q8_0.gguf', 'Chat-7B-Q4_0.gguf')).toEqual([
      ...['Base-7B-Q8_0', 'Chat-7B-Q8_0', 'Q4_0'],
    ]);
  });
});
