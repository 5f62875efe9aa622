import { describe, expect, it } from 'vitest';
import { curatedModels } from '../../../src/get/curated';
import { roughShape } from '../../../src/get/roughShape';
import { bestSuggestions, suggestModels, type Advise } from '../../../src/get/suggestions';
import { assumedRates } from '../../../src/plan/assumedRates';
import type { Machine } from '../../../src/plan/machine';
import { adviseQuant } from '../../../src/plan/quantAdvice';
import { formulasFor, planRequest } from '../../../src/planner/planRequest';

const gib = 2 ** 30;

function machine(vramGib: number, ramGib: number): Machine {
  const gpu = { name: 'RTX 3060', totalBytes: vramGib * gib, freeBytes: (vramGib - 0.5) * gib };
  return {
    backend: vramGib > 0 ? 'cuda' : 'cpu',
    gpu: vramGib > 0 ? gpu : undefined,
    ram: { totalBytes: ramGib * gib, availableBytes: (ramGib - 4) * gib },
    physicalCores: 8,
    rates: assumedRates({
      backend: vramGib > 0 ? 'cuda' : 'cpu',
      gpuName: vramGib > 0 ? gpu.name : undefined,
      physicalCores: 8,
    }),
    residual: { bytes: 0.5 * gib, source: 'assumed' },
  };
}

function adviseFor(on: Machine): Advise {
  const wishes = { pins: {}, typical: { promptTokens: 3000, answerTokens: 400 } };
  return (shape, levels) =>
    Promise.resolve(adviseQuant(planRequest(shape, on, wishes), levels, (each) => formulasFor(each, on)));
}

describe('the curated list', () => {
  it.each([
    ['gpt-oss 120B', 116.8e9],
    ['gpt-oss 20B', 20.9e9],
    ['Llama 3.3 70B Instruct', 70.55e9],
    ['Qwen3 Coder 30B A3B Instruct', 30.5e9],
    ['Qwen2.5 Coder 32B Instruct', 32.8e9],
    ['Qwen3 8B', 8.19e9],
    ['Qwen2.5 Coder 7B', 7.62e9],
    ['Qwen2.5 Coder 1.5B', 1.54e9],
    ['Qwen3 0.6B', 0.6e9],
    ['Llama 3.2 1B Instruct', 1.24e9],
  ])('knows the shape of %s: its makers count as many parameters', (name, parameters) => {
    const model = curatedModels.find((each) => each.name === name);
    if (model === undefined) return expect.fail('no such model');
    const { parameters: rough, layers, totalLayers } = roughShape(name, model.facts);
    expect(rough / parameters).toBeGreaterThan(0.985);
    expect(rough / parameters).toBeLessThan(1.015);
    expect(layers).toHaveLength(totalLayers);
  });

  it('has mixtures of experts, and models for each job', () => {
    expect(new Set(curatedModels.map(({ job }) => job))).toEqual(
      new Set(['chat', 'code', 'completion', 'draft']),
    );
    expect(curatedModels.filter(({ facts }) => facts.experts !== undefined).length).toBeGreaterThanOrEqual(3);
  });
});

describe('suggestions', () => {
  it('put what a small card carries before what it does not', async () => {
    const suggestions = await suggestModels(adviseFor(machine(12, 32)));
    const order = suggestions.map(({ model }) => model.name);
    expect(suggestions.find(({ model }) => model.name === 'gpt-oss 120B')).toMatchObject({
      ...{ good: false, row: undefined },
    });
    expect(order.indexOf('gpt-oss 20B')).toBeLessThan(order.indexOf('gpt-oss 120B'));
  });

  it.each([
    [0, 16, ['gpt-oss 20B', 'Qwen3 8B']],
    [8, 16, ['Qwen3 Coder 30B A3B Instruct', 'Qwen3 30B A3B Instruct 2507', 'gpt-oss 20B']],
    [12, 64, ['gpt-oss 120B', 'Qwen3 Coder 30B A3B Instruct', 'Qwen3 30B A3B Instruct 2507']],
    [24, 128, ['gpt-oss 120B', 'Qwen3 Coder 30B A3B Instruct', 'Qwen2.5 Coder 32B Instruct']],
  ])('name three for talking and code, with %i GiB of VRAM and %i of RAM', async (vram, ram, names) => {
    const best = bestSuggestions(await suggestModels(adviseFor(machine(vram, ram))), 3);
    expect(best).toHaveLength(3);
    expect(best.filter(({ good }) => good).map(({ model }) => model.name)).toEqual(names);
  });
});
