import { describe, expect, it } from 'vitest';
import { advise, type Alternatives } from '../../../src/plan/advice';
import { describeAdvice } from '../../../src/plan/adviceWords';
import { placeExperts } from '../../../src/plan/expertPlacement';
import type { PlanRequest } from '../../../src/plan/plan';
import { largeMmluTable, perplexityTable } from '../../../src/plan/quantQuality';
import { solve } from '../../../src/plan/solve';
import { describeReason } from '../../../src/plan/words';
import { translate } from '../models/translate';
import { fakeOracle, GiB, machineWith, requestFor, shapeFor, sizes } from './fixtures';

const here: Alternatives = { oracleOf: (shape, machine) => fakeOracle(shape, machine.gpu !== undefined) };

function plan(request: PlanRequest, alternatives = here) {
  const solved = solve(request);
  return {
    verdict: solved.verdict,
    reason: describeReason(solved.reason, translate),
    advice: advise(request, solved, alternatives),
    solved,
  };
}

describe('advice about a plan that answers have corrected', () => {
  it('is corrected alike, so that it promises nothing that was not there before', () => {
    const request = requestFor(shapeFor(sizes.medium), machineWith(undefined, 32), {
      pins: { gpuLayers: 5 },
    });
    const solved = solve(request);
    const slower = {
      ...solved,
      rates: {
        ...solved.rates,
        decode: solved.rates.decode / 4,
        requestSeconds: solved.rates.requestSeconds * 4,
      },
    };
    const kinds = advise(request, slower, { oracleOf: () => request.oracle }).map(
      ({ change }) => change.kind,
    );
    expect(kinds).not.toContain('unpin');
  });
});

describe('a file of 64 GB at 12 GiB of VRAM', () => {
  const dense = (ram: number) => plan(requestFor(shapeFor(sizes.dense64), machineWith(12, ram)));
  const experts = (ram: number) => plan(requestFor(shapeFor(sizes.experts64), machineWith(12, ram)));

  it('fits beside 64 GiB of RAM if dense; a larger card would help', () => {
    const { verdict, reason, advice } = dense(64);
    expect(verdict).toBe('fits');
    expect(reason).toBe('15 of 89 layers are on the GPU, and the rest takes 54.3 GiB of RAM.');
    expect(advice[0]).toMatchObject({
      change: { kind: 'moreVram', bytes: 32 * GiB },
      effect: { verdict: 'fits' },
    });
    expect(advice[0]?.effect.decode.to).toBeGreaterThan(1.3 * (advice[0]?.effect.decode.from ?? 0));
  });

  it('is paged from the disk beside 32 GiB if dense; 64 GiB of RAM would change that', () => {
    const { verdict, reason, advice } = dense(32);
    expect(verdict).toBe('pagesFromDisk');
    expect(reason).toBe(
      'The model is larger than the free RAM by 22.2 GiB, which are read from the disk for every token: about 17 s a token (estimated).',
    );
    expect(advice[0]).toMatchObject({
      change: { kind: 'moreRam', bytes: 64 * GiB },
      effect: { verdict: 'fits' },
    });
    expect(advice.map((one) => one.change.kind)).toEqual(['moreRam', 'moreVram']);
  });

  it('fits beside 64 GiB if of experts; llama.cpp with the experts on the CPU would be quicker', () => {
    const { verdict, reason, advice } = experts(64);
    expect(verdict).toBe('fits');
    expect(reason).toBe('9 of 49 layers are on the GPU, and the rest takes 52.2 GiB of RAM.');
    expect(advice[0]).toMatchObject({
      change: { kind: 'expertsOnCpu', layers: 45 },
      effect: { verdict: 'fits' },
    });
    expect(advice[0]?.effect.decode.to).toBeGreaterThan(1.3 * (advice[0]?.effect.decode.from ?? 0));
  });

  it('is paged beside 32 GiB if of experts, ten times as quickly as if dense; 64 GiB would change that', () => {
    const { verdict, reason, advice, solved } = experts(32);
    expect(verdict).toBe('pagesFromDisk');
    expect(reason).toBe(
      'The model is larger than the free RAM by 22 GiB, which are read from the disk for every token: about 1.7 s a token (estimated).',
    );
    expect(advice[0]).toMatchObject({
      change: { kind: 'moreRam', bytes: 64 * GiB },
      effect: { verdict: 'fits' },
    });
    expect(solved.rates.decode).toBeGreaterThan(9 * dense(32).solved.rates.decode);
  });

  it('is best replaced by a model that is on the GPU as a whole, where one is at hand', () => {
    const models = [shapeFor(sizes.small), shapeFor(sizes.medium), shapeFor(sizes.large)];
    const { advice } = plan(requestFor(shapeFor(sizes.dense64), machineWith(12, 32)), { ...here, models });
    expect(advice[0]).toMatchObject({ change: { kind: 'smallerModel', name: '8B', mmlu: undefined } });
  });
});

describe('advice', () => {
  const large = shapeFor(sizes.large);

  it('offers no model in another’s place that is far smaller', () => {
    const models = [shapeFor(sizes.small)];
    const { advice } = plan(requestFor(large, machineWith(12, 32)), { ...here, models });
    expect(advice.map(({ change }) => change.kind)).not.toContain('smallerModel');
  });

  it('compares a small model with a big one quantised hard, by published figures', () => {
    const hard = shapeFor({ ...sizes.large, bytes: 20.7 * GiB }, 'IQ2_S');
    const { advice } = plan(requestFor(hard, machineWith(12, 64)), {
      ...here,
      models: [shapeFor(sizes.medium)],
    });
    expect(advice[0]?.change).toEqual({
      kind: 'smallerModel',
      name: '8B',
      mmlu: { small: 64.64, big: 76.05 },
    });
    expect(advice[0] && describeAdvice(advice[0], translate)).toMatch(
      /^Use 8B, which is on the GPU as a whole: at such sizes and levels, Llama 3 answered 64\.6 % of MMLU instead of 76\.0 %\. Estimated: \d+ tok\/s instead of /,
    );
  });

  it('lets go of pins and of a budget that cost time, before anything is bought', () => {
    const { advice } = plan(
      requestFor(large, machineWith(12, 64), { vramBudgetBytes: 6 * GiB, pins: { batchSize: 128 } }),
    );
    expect(advice.map((one) => one.change.kind)).toEqual(['unpin', 'raiseBudget', 'moreVram']);
    expect(advice[0]?.change).toEqual({ kind: 'unpin', pin: 'batchSize', value: 128 });
    expect(advice[1]?.change).toEqual({ kind: 'raiseBudget', bytes: 12 * GiB });
  });

  it('frees RAM that other programs hold where the weights need it', () => {
    const machine = { ...machineWith(12, 64), ram: { totalBytes: 64 * GiB, availableBytes: 20 * GiB } };
    const { verdict, advice } = plan(requestFor(large, machine));
    expect(verdict).toBe('pagesFromDisk');
    expect(advice[0]).toMatchObject({
      change: { kind: 'freeRam', bytes: 36 * GiB },
      effect: { verdict: 'fits' },
    });
  });

  it('names the largest level that lifts the verdict, and one that warns only for want of another', () => {
    const levels = [
      { name: 'IQ2_XS', bytes: 19.7 * GiB },
      { name: 'Q3_K_M', bytes: 31.9 * GiB },
      { name: 'Q4_K_M', bytes: 39.6 * GiB },
    ];
    const request = requestFor(large, machineWith(12, 32));
    expect(plan(request, { ...here, levels }).advice[0]?.change).toEqual({
      kind: 'smallerQuant',
      name: 'Q3_K_M',
      quality: { table: perplexityTable, of: 4.72, instead: 1.2 },
      warns: false,
    });
    const hard = plan(request, { ...here, levels: levels.slice(0, 1) }).advice[0];
    expect(hard?.change).toMatchObject({
      name: 'IQ2_XS',
      // The table has no figure of Q4_K_M.
      quality: { table: largeMmluTable, of: 74.94, instead: undefined },
      warns: true,
    });
    expect(hard && describeAdvice(hard, translate)).toContain(
      'At that level, Llama 3 70B Instruct answered 74.9 % of MMLU.',
    );
  });

  it('leaves out what would still not fit', () => {
    const { verdict, advice } = plan(requestFor(large, machineWith(undefined, 24)));
    expect(verdict).toBe('doesNotFit');
    expect(advice.map((one) => one.change)).toEqual([{ kind: 'moreRam', bytes: 48 * GiB }]);
  });

  it('is silent where all is well', () => {
    expect(plan(requestFor(shapeFor(sizes.medium), machineWith(12, 32))).advice).toEqual([]);
  });
});

describe('experts on the CPU beside the plan', () => {
  const request = requestFor(shapeFor(sizes.experts64), machineWith(12, 64));

  it('holds the budget with as few layers of them as possible', () => {
    const placed = placeExperts(request, solve(request));
    const expertBytes = request.shape.layers[0]?.expertBytes ?? 0;
    expect(placed?.vramBytes).toBeLessThanOrEqual(12 * GiB);
    expect((placed?.vramBytes ?? 0) + expertBytes).toBeGreaterThan(12 * GiB);
    expect(placed?.config.gpuLayers).toBe(49);
  });

  it('is nothing to a dense model', () => {
    const dense = requestFor(shapeFor(sizes.dense64), machineWith(12, 64));
    expect(placeExperts(dense, solve(dense))).toBeUndefined();
  });
});
