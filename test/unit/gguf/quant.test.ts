import { describe, expect, it } from 'vitest';
import { quantLabel } from '../../../src/gguf/quant';
import type { GgufTensor } from '../../../src/gguf/tensors';

function matrix(type: string, width: number, rows: number): GgufTensor {
  const elements = width * rows;
  return { name: type, dimensions: [width, rows], type, elements, bytes: elements, offset: 0, part: 0 };
}

describe('quantLabel', () => {
  it('says what the file says where the tensors bear it out', () => {
    const mix = [matrix('Q4_K', 512, 800), matrix('Q6_K', 512, 300)];
    expect(quantLabel(15, mix)).toBe('Q4_K_M');
    expect(quantLabel(14, mix)).toBe('Q4_K_S');
    expect(quantLabel(15 | 1024, mix)).toBe('Q4_K_M');
  });

  it('goes by the weights where the file claims another type or none', () => {
    const q8 = [matrix('Q8_0', 512, 800), matrix('F32', 512, 3)];
    expect(quantLabel(15, q8)).toBe('Q8_0');
    expect(quantLabel(1, q8)).toBe('Q8_0');
    expect(quantLabel(undefined, q8)).toBe('Q8_0');
    expect(quantLabel(999, q8)).toBe('Q8_0');
  });

  it('keeps the label of a mix whose rows are too short for its base type', () => {
    expect(quantLabel(15, [matrix('Q5_0', 576, 1000)])).toBe('Q4_K_M');
    expect(quantLabel(15, [matrix('Q5_0', 576, 1000), matrix('Q4_K', 1536, 100)])).toBe('Q4_K_M');
  });

  it('is unknown without weights', () => {
    expect(quantLabel(undefined, [])).toBe('unknown');
  });
});
