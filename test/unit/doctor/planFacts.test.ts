import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planFactsFor, type PlanFactsDeps } from '../../../src/doctor/planFacts';
import { readGgufHeader } from '../../../src/gguf/readHeader';
import { Planner } from '../../../src/planner/planner';
import { writeScriptedModel } from '../../support/scriptedModel';
import { machineWith } from '../plan/fixtures';

let folder: string;
let large: string;
let small: string;
let other: string;
let deps: PlanFactsDeps;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lc-doctor-'));
  large = path.join(folder, 'model-Q8_0.gguf');
  small = path.join(folder, 'model-Q4_K_M.gguf');
  await writeScriptedModel(large, { shape: '70B', quant: 'Q8_0' });
  await writeScriptedModel(small, { shape: '70B', quant: 'Q4_K_M' });
  other = path.join(folder, 'other.gguf');
  await writeScriptedModel(other, { shape: '8B', quant: 'Q8_0', name: 'Other' });
  deps = {
    planner: new Planner(() => Promise.reject(new Error('not simulated'))),
    open: async (file) => ({ header: await readGgufHeader(file), path: file, identity: file }),
    machine: () => Promise.resolve(machineWith(12, 32)),
    wishes: () => ({ pins: {}, typical: { promptTokens: 3000, answerTokens: 400 } }),
    current: () => undefined,
    models: () => Promise.resolve([other, large, path.join(folder, 'gone.gguf')]),
    levels: () => Promise.resolve([small, large, path.join(folder, 'gone.gguf')]),
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('plan facts', () => {
  it('are a plan with its advice, other levels at hand included', async () => {
    const { request, plan, advice } = await planFactsFor(large, deps);
    expect(request.shape.totalLayers).toBe(81);
    expect(plan.verdict).toBe('pagesFromDisk');
    expect(advice.map(({ change }) => change).find(({ kind }) => kind === 'smallerQuant')).toMatchObject({
      name: 'Q4_K_M',
      warns: false,
    });
    expect(advice.map(({ change }) => change)).toContainEqual({
      ...{ kind: 'smallerModel', name: 'Other (Q8_0)' },
      // The big one has no published figure at Q8_0.
      mmlu: undefined,
    });
  });

  it('are of the plan by which the model was loaded, where there is one', async () => {
    const { plan } = await planFactsFor(large, deps);
    const loaded = { ...plan, threads: 3 };
    expect((await planFactsFor(large, { ...deps, current: () => loaded })).plan).toBe(loaded);
  });

  it('do without levels that cannot be looked for, not without the file', async () => {
    const levels = () => Promise.reject(new Error('no folder'));
    expect((await planFactsFor(large, { ...deps, levels })).plan.verdict).toBe('pagesFromDisk');
    await expect(planFactsFor(path.join(folder, 'gone.gguf'), deps)).rejects.toThrow();
  });
});
