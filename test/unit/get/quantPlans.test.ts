import { describe, expect, it } from 'vitest';
import { quantRow } from '../../../src/get/getRows';
import { groupByQuant, type QuantGroup } from '../../../src/get/quantGroups';
import { QuantPlans } from '../../../src/get/quantPlans';
import { roughShape } from '../../../src/get/roughShape';
import { curatedModels } from '../../../src/get/curated';
import { assumedRates } from '../../../src/plan/assumedRates';
import type { Machine } from '../../../src/plan/machine';
import { adviseQuant, scaleShape } from '../../../src/plan/quantAdvice';
import { formulasFor, planRequest } from '../../../src/planner/planRequest';
import { translate } from '../models/translate';

const gib = 2 ** 30;
const facts = curatedModels.find(({ name }) => name === 'Qwen3 8B')?.facts ?? expect.fail();
const shape = roughShape('Qwen3 8B', facts);
const machine: Machine = {
  backend: 'cuda',
  gpu: { name: 'RTX 3060', totalBytes: 12 * gib, freeBytes: 11 * gib },
  ram: { totalBytes: 32 * gib, availableBytes: 28 * gib },
  physicalCores: 8,
  rates: assumedRates({ backend: 'cuda', gpuName: 'RTX 3060', physicalCores: 8 }),
  residual: { bytes: 0.5 * gib, source: 'assumed' },
};
const sizes = { Q8_0: 8.7e9, Q6_K: 6.7e9, Q4_K_M: 5e9, Q2_K: 3.3e9 };
const groups = groupByQuant(
  Object.entries(sizes).map(([level, bytes]) => ({ path: `M-${level}.gguf`, bytes, sha256: level })),
);
const group = (level: string): QuantGroup => groups.find((each) => each.level === level) ?? expect.fail();

function plans() {
  const read: string[] = [];
  const header = (path: string) => {
    read.push(path);
    if (path === 'M-Q2_K.gguf') return Promise.resolve({ path, problem: 'the header ends early' });
    const bytes = sizes[path.slice(2, -5) as keyof typeof sizes];
    return Promise.resolve({ path, shape: scaleShape(shape, bytes), bytesRead: 5e6 });
  };
  const wishes = { pins: {}, typical: { promptTokens: 3000, answerTokens: 400 } };
  const found = new QuantPlans(groups, header, (of, levels) =>
    Promise.resolve(
      adviseQuant(planRequest(of, machine, wishes), levels, (each) => formulasFor(each, machine)),
    ),
  );
  return { found, read };
}
const never = new AbortController().signal;

describe('QuantPlans', () => {
  it('plans all by one header, and recommends the best that is on the GPU as a whole', async () => {
    const { found, read } = plans();
    expect(await found.plans()).toBeUndefined();
    await found.read(found.first ?? expect.fail(), never);
    expect(read).toEqual(['M-Q4_K_M.gguf']);
    const advice = await found.plans();
    expect(advice?.rows.map(({ name }) => name)).toEqual(['Q8_0', 'Q6_K', 'Q4_K_M', 'Q2_K']);
    expect(advice?.recommended?.level.group).toBe(group('Q8_0'));
    expect(quantRow(group('Q8_0'), undefined, advice, translate)).toEqual({
      label: 'Q8_0 $(star-full)',
      description: expect.stringMatching(
        /^8\.1 GiB · fits · 37 of 37 layers on the GPU · \d+ tok\/s estimated$/,
      ) as string,
      detail: 'Q8_0 is the best level of which all layers fit on the GPU.',
    });
  });

  it('reads each header once, and leaves out what is no model', async () => {
    const { found, read } = plans();
    for (const level of ['Q8_0', 'Q2_K', 'Q8_0', 'Q2_K']) await found.read(group(level), never);
    expect(read).toEqual(['M-Q8_0.gguf', 'M-Q2_K.gguf']);
    const advice = await found.plans();
    expect(advice?.rows.map(({ name }) => name)).toEqual(['Q8_0', 'Q6_K', 'Q4_K_M']);
    expect(quantRow(group('Q2_K'), found.problemOf(group('Q2_K')), advice, translate).detail).toBe(
      'It cannot be loaded: the header ends early.',
    );
  });
});
