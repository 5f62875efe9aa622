import { describe, expect, it } from 'vitest';
import { resolveSampling } from '../../../src/engine/sampling';

describe('resolveSampling', () => {
  it('takes the request first, then the file, then the defaults', () => {
    expect(resolveSampling({}, {})).toEqual({ temperature: 0.7, topK: 40, topP: 0.95, minP: 0.05 });
    expect(resolveSampling({ temperature: 0 }, { temperature: 0.6, topK: 20 })).toEqual({
      temperature: 0,
      topK: 20,
      topP: 0.95,
      minP: 0.05,
    });
    expect(resolveSampling({ seed: 5, maxTokens: 10 }, {})).toMatchObject({ seed: 5, maxTokens: 10 });
  });

  it('leaves out what is no number', () => {
    expect(resolveSampling({ temperature: NaN }, { topP: 0.5 })).toMatchObject({
      temperature: 0.7,
      topP: 0.5,
    });
  });
});
