import { describe, expect, it } from 'vitest';
import { adviseQuant, describeQuantReason, scaleShape, weightBytes } from '../../../src/plan/quantAdvice';
import { perplexityTable, publishedFigure, warnsAtLoad } from '../../../src/plan/quantQuality';
import { translate } from '../models/translate';
import { fakeOracle, GiB, machineWith, requestFor, shapeFor, sizes } from './fixtures';

/** GiB of a Llama 3 70B. */
const levels = {
  Q8_0: 69.8,
  Q6_K: 53.9,
  Q5_K_M: 46.5,
  Q4_K_M: 39.6,
  IQ4_XS: 35.3,
  Q3_K_M: 31.9,
  IQ3_M: 29.7,
  Q2_K: 24.6,
  IQ2_M: 22.5,
  IQ2_XXS: 17.8,
};
const large = shapeFor(sizes.large);
const offered = Object.entries(levels).map(([name, gib]) => ({ name, bytes: gib * GiB }));
const request = requestFor(large, machineWith(12, 64), {
  vramBudgetBytes: 11.5 * GiB,
  pins: { gpuLayers: 3 },
});

describe('advice on quant levels', () => {
  it('tells of each level what the budget gives, the largest first, with gaps where nobody measured', () => {
    const { rows } = adviseQuant(request, offered, fakeOracle);
    expect(rows.map((row) => row.name)).toEqual(Object.keys(levels));
    const expectedLayers = [12, 15, 17, 20, 23, 25, 27, 32, 35, 43];
    rows.forEach((row, index) => {
      expect(Math.abs(row.gpuLayers - (expectedLayers[index] ?? 0)), row.name).toBeLessThanOrEqual(1);
    });
    expect(rows[0]).toMatchObject({
      verdict: 'pagesFromDisk',
      perplexityIncrease: undefined,
      mmlu: undefined,
    });
    expect(rows[3]).toMatchObject({
      verdict: 'fits',
      perplexityIncrease: 1.2,
      mmlu: undefined,
      warns: false,
    });
    expect(rows[8]).toMatchObject({ perplexityIncrease: undefined, mmlu: 77.01, warns: true });
    expect(rows.slice(1).every((row, index) => row.decode > (rows[index]?.decode ?? Infinity))).toBe(true);
  });

  it('recommends the quickest level that loses little, where none is wholly on the GPU', () => {
    expect(adviseQuant(request, offered, fakeOracle).recommended).toMatchObject({
      level: { name: 'IQ3_M' },
      reason: { kind: 'quickestWithLittleLoss' },
    });
  });

  it('recommends the best level that is wholly on the GPU', () => {
    const medium = shapeFor(sizes.medium);
    const small = { Q8_0: 7.95, Q6_K: 6.14, Q4_K_M: 4.58 };
    const advice = adviseQuant(
      requestFor(medium, machineWith(8, 32)),
      Object.entries(small).map(([name, gib]) => ({ name, shape: scaleShape(medium, gib * GiB) })),
      fakeOracle,
    );
    expect(advice.recommended).toMatchObject({ level: { name: 'Q6_K' }, reason: { kind: 'bestOnGpu' } });
  });

  it('says so where only a level that warns fits, and recommends none where none fits', () => {
    const machine = machineWith(12, 16);
    const hard = adviseQuant({ ...request, machine }, offered, fakeOracle);
    expect(hard.recommended).toMatchObject({
      level: { name: 'IQ2_M' },
      reason: { kind: 'bestThatFits', warns: true },
    });
    expect(hard.recommended && describeQuantReason(hard.recommended, translate)).toBe(
      'IQ2_M is the best level that fits, but answers get visibly worse with it: a smaller model may serve better.',
    );
    const cpu = machineWith(undefined, 8);
    const none = adviseQuant(
      { ...request, machine: cpu, vramBudgetBytes: undefined, pins: {} },
      offered,
      (shape) => fakeOracle(shape, false),
    );
    expect(none.recommended).toBeUndefined();
  });

  it('scales a shape to the bytes of another file', () => {
    expect(weightBytes(scaleShape(large, 20e9))).toBeCloseTo(20e9, -3);
  });
});

describe('published quality', () => {
  it('has a gap where there is no figure', () => {
    expect(publishedFigure(perplexityTable, 'Q6_K')).toBe(0.16);
    expect(publishedFigure(perplexityTable, 'Q8_0')).toBeUndefined();
  });

  it.each(['Q2_K', 'Q2_K_S', 'IQ2_M', 'IQ2_XXS', 'IQ1_S', 'IQ1_M', 'Q1_0', 'Q2_0'])(
    'warns of %s',
    (quant) => {
      expect(warnsAtLoad(quant)).toBe(true);
    },
  );

  it.each(['Q3_K_S', 'IQ3_XXS', 'Q4_0', 'Q8_0', 'F16', 'TQ1_0', 'MXFP4', 'unknown'])(
    'does not warn of %s',
    (quant) => {
      expect(warnsAtLoad(quant)).toBe(false);
    },
  );
});
