import { describe, expect, it } from 'vitest';
import {
  correctionFactors,
  correctRates,
  lastRates,
  learnAnswer,
  type Corrections,
} from '../../../src/plan/correction';
import { usualConfig } from '../../support/planConfig';

const config = { ...usualConfig, gpuLayers: 20 };

function learnAll(ratios: readonly number[], start: Corrections = {}): Corrections {
  return ratios.reduce(
    (known, ratio) =>
      learnAnswer(known, 'file', config, {
        decode: { predicted: 2, measured: 2 * ratio },
        prefill: undefined,
      }),
    start,
  );
}

describe('corrections by measured answers', () => {
  it.each([[[0.6, 0.63, 0.58]], [[0.2, 0.6, 0.61]], [[0.6, 0.2, 0.61]], [[1.7, 0.59, 0.6]]])(
    'are within 15 %% of the measurement after three answers, one of them disturbed: %j',
    (ratios) => {
      const { decode, prefill } = correctionFactors(learnAll(ratios), 'file', config);
      expect(Math.abs(decode / 0.6 - 1)).toBeLessThan(0.15);
      expect(prefill).toBe(1);
    },
  );

  it('follow a change that lasts, and keep eight answers', () => {
    const known = learnAll([1, 1, 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5]);
    expect(correctionFactors(known, 'file', config).decode).toBe(0.5);
    expect(Object.values(known)[0]?.decode).toHaveLength(8);
  });

  it('count for other configurations of the file until these have answered, and for no other file', () => {
    const known = learnAll([0.6, 0.6]);
    const other = { ...config, gpuLayers: 10 };
    expect(correctionFactors(known, 'file', other).decode).toBe(0.6);
    expect(correctionFactors(known, 'file2', config).decode).toBe(1);
    const both = learnAnswer(known, 'file', other, { decode: { predicted: 1, measured: 0.9 } });
    expect(correctionFactors(both, 'file', other).decode).toBe(0.9);
  });

  it('remember the last rates of a configuration as they were measured', () => {
    const known = learnAnswer({}, 'file', config, {
      decode: { predicted: 2, measured: 1.7 },
      prefill: { predicted: 90, measured: 80 },
    });
    const unclear = learnAnswer(known, 'file', config, { decode: undefined });
    expect(lastRates(unclear, 'file', config)).toEqual({ decode: 1.7, prefill: 80 });
    const other = { ...config, gpuLayers: 10 };
    expect(lastRates(unclear, 'file', other)).toEqual({ decode: undefined, prefill: undefined });
  });

  it('leave out what was not measured', () => {
    const known = learnAnswer({}, 'file', config, { decode: { predicted: 2, measured: 0 } });
    expect(correctionFactors(known, 'file', config)).toEqual({ decode: 1, prefill: 1 });
  });

  it('change the rates and the seconds alike', () => {
    const rates = { prefill: 100, decode: 2, prefillFull: 50, decodeFull: 1, requestSeconds: 230 };
    const typical = { promptTokens: 3000, answerTokens: 400 };
    expect(correctRates(rates, { decode: 0.5, prefill: 2 }, typical, 8192)).toEqual({
      prefill: 200,
      decode: 1,
      prefillFull: 100,
      decodeFull: 0.5,
      requestSeconds: 15 + 400,
    });
  });
});
