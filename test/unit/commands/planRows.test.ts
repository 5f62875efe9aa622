import { describe, expect, it } from 'vitest';
import { planRows, planSource, type PlanRow } from '../../../src/commands/planRows';
import { solve } from '../../../src/plan/solve';
import type { ShownPlan } from '../../../src/planner/shownPlans';
import type { LoadForm } from '../../../src/protocol/webview';
import { parse, modelBytes } from '../gguf/smallModel';
import { loadedModel } from '../../support/loadedModel';
import { translate } from '../models/translate';
import { GiB, machineWith, MiB, none, requestFor, shapeFor, sizes } from '../plan/fixtures';

const form: LoadForm = {
  ...{ modelPath: '/a.gguf', vramBudget: 11.5, gpuLayers: null, contextSize: null, batchSize: 512 },
  ...{ threads: null, kvCacheType: null, flashAttention: 'auto', mmap: true, mlock: false, sequences: null },
};
const machine = machineWith(12, 64);
const solved = solve(requestFor(shapeFor(sizes.large), machine));

/** A 70B in 11.5 GiB. */
function shownPlan(changes: Partial<ShownPlan> = {}): ShownPlan {
  return {
    kind: 'exact',
    form,
    file: { path: '/a.gguf', identity: 'a', header: parse(modelBytes()) },
    machine,
    plan: {
      ...solved,
      config: {
        ...{ gpuLayers: 20, contextSize: 8192, batchSize: 512, kvCacheType: 'f16' },
        ...{ flashAttention: true, mmap: true, sequences: 1 },
      },
      totalLayers: 81,
      use: {
        vram: { ...none, weights: 9.5 * GiB, kv: 0.75 * GiB, compute: 0.5 * GiB, residual: 0.25 * GiB },
        ram: { ...none, weights: 29 * GiB, kv: 2 * GiB },
      },
      vramBudgetBytes: 11.5 * GiB,
      verdict: 'fits',
      reason: { kind: 'partlyOnGpu', gpuLayers: 20, totalLayers: 81, ramBytes: 31 * GiB },
      rates: { prefill: 112, decode: 1.83, prefillFull: 90, decodeFull: 1.5, requestSeconds: 246 },
      nextLayerBytes: 471 * MiB,
      nextLayerOverBytes: 190 * MiB,
    },
    took: undefined,
    measured: { decode: undefined, prefill: undefined },
    ...changes,
  };
}

const rowsOf = (changes: Partial<ShownPlan> = {}) =>
  planRows(shownPlan(changes), translate).flatMap(({ rows }) => rows);
const textOf = ({ label, description, detail }: PlanRow) =>
  [label, description, detail].filter((part) => part !== undefined && part !== '').join(' | ');
const row = (id: PlanRow['id'], changes: Partial<ShownPlan> = {}) => {
  const found = rowsOf(changes).find((each) => each.id === id);
  return found && textOf(found);
};

describe('planRows', () => {
  it('tell all of the plan, in groups, what is estimated called so', () => {
    const groups = planRows(shownPlan(), translate);
    expect(groups.map(({ title, rows }) => [title, ...rows.map(textOf)])).toEqual([
      ['Verdict', 'Fits. | 20 of 81 layers are on the GPU, and the rest takes 31 GiB of RAM.'],
      [
        'Decided: select one to pin it',
        'VRAM budget | 11.5 GiB, pinned',
        'GPU layers | 20 of 81',
        'Context | 8,192 tokens',
        'KV cache | f16',
        'Batch | 512 tokens, pinned',
      ],
      [
        'Memory',
        'VRAM | 11.0 GiB estimated | weights 9.5 GiB, KV cache 768 MiB, compute 512 MiB, driver 256 MiB',
        'RAM | 31.0 GiB estimated | weights 29.0 GiB, KV cache 2.0 GiB',
        'Next layer | 471 MiB of VRAM estimated, 190 MiB more than the budget allows',
      ],
      ['Speed', 'Writing (decode) | 1.8 tok/s estimated', 'Reading (prefill) | 112 tok/s estimated'],
    ]);
  });

  it('put beside it what was measured', () => {
    const model = loadedModel({
      buffers: [
        { name: 'CUDA0', kind: 'model', bytes: 10.7 * GiB, onGpu: true },
        { name: 'CPU_Mapped', kind: 'model', bytes: 31.2 * GiB, onGpu: false },
      ],
    });
    const check = { bufferBytes: 10.7 * GiB, residualBytes: 0.2 * GiB, overBytes: 0 };
    const changes = {
      kind: 'loaded',
      took: { model, check },
      measured: { decode: 1.7, prefill: 98 },
    } as const;
    expect(row('vram', changes)).toContain('11.0 GiB estimated, 10.9 GiB measured |');
    expect(row('ram', changes)).toContain('31.0 GiB estimated, 31.2 GiB measured |');
    expect(row('decode', changes)).toBe('Writing (decode) | 1.8 tok/s estimated, 1.7 tok/s measured');
    expect(row('prefill', changes)).toBe('Reading (prefill) | 112 tok/s estimated, 98 tok/s measured');
    const untold = { ...changes, took: { model, check: { ...check, residualBytes: undefined } } };
    expect(row('vram', untold)).toContain('11.0 GiB estimated, 10.7 GiB measured without the driver |');
  });

  it('say of each variable whether it is pinned', () => {
    expect(rowsOf().flatMap(({ pin }) => pin ?? [])).toEqual([
      { name: 'vramBudget', pinned: true },
      { name: 'gpuLayers', pinned: false },
      { name: 'contextSize', pinned: false },
      { name: 'kvCacheType', pinned: false },
      { name: 'batchSize', pinned: true },
    ]);
  });

  it('tell no VRAM where there is no GPU', () => {
    const rows = rowsOf({ machine: { ...machine, gpu: undefined } });
    expect(rows.map(({ id }) => id)).not.toContain('vram');
    expect(rows.map(({ id }) => id)).not.toContain('nextLayer');
    expect(row('vramBudget', { machine: { ...machine, gpu: undefined } })).toContain('no GPU in use');
  });

  it('tell that one more layer would fit, or that there is none', () => {
    const { plan } = shownPlan();
    expect(row('nextLayer', { plan: { ...plan, nextLayerOverBytes: 0 } })).toContain('within the budget');
    expect(row('nextLayer', { plan: { ...plan, nextLayerBytes: undefined } })).toBeUndefined();
  });

  it('tell both contexts where there are two', () => {
    const { plan } = shownPlan();
    const config = { ...plan.config, sequences: 2 };
    expect(row('contextSize', { plan: { ...plan, config } })).toBe('Context | 2 × 8,192 tokens');
  });
});

it('planSource says how the figures are known', () => {
  const source = (changes: Partial<ShownPlan>) => planSource(shownPlan(changes), translate);
  expect(source({ kind: 'checking' })).toBe('Bytes by formulas; llama.cpp is being asked.');
  expect(source({ kind: 'estimate' })).toContain('could not be asked');
  expect(source({})).toContain('by data sheets until this machine is measured');
  const rates = { ...machine.rates, source: 'measured' as const };
  expect(source({ machine: { ...machine, rates } })).toContain('by what was measured on this machine');
});
