import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import { GgufError } from '../../../src/gguf/ggufError';
import { readGgufHeader } from '../../../src/gguf/readHeader';
import { learnAnswer, type Corrections } from '../../../src/plan/correction';
import { Planner, type SimulateFile } from '../../../src/planner/planner';
import type { Learned } from '../../../src/planner/machine';
import type { Calibration } from '../../../src/protocol/engine';
import type { HardwareView, LoadForm, ModelFileView } from '../../../src/protocol/webview';
import { PlannerSource } from '../../../src/settingsPage/plannerSource';
import { writeScriptedModel } from '../../support/scriptedModel';
import { translate } from '../models/translate';

const gib = 2 ** 30;
const hardware: HardwareView = {
  gpus: [{ name: 'NVIDIA Card', totalBytes: 12 * gib, usedBytes: 0.5 * gib, source: 'nvidia-smi' }],
  ramTotalBytes: 64 * gib,
  ramAvailableBytes: 56 * gib,
  physicalCores: 6,
};
const calibration: Calibration = {
  ramBytesPerSecond: 50e9,
  vramBytesPerSecond: 300e9,
  copyBytesPerSecond: 20e9,
  diskBytesPerSecond: 2e9,
  cpuMultiplyAddsPerSecond: 4e11,
  gpuMultiplyAddsPerSecond: 1e13,
  offloadMinBatch: 32,
  seconds: 9,
};
const stopped: EngineSnapshot = {
  state: { kind: 'stopped' },
  info: undefined,
  model: undefined,
  runtime: undefined,
};

let folder: string;
let large: string;
let form: LoadForm;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lc-plans-'));
  large = path.join(folder, 'large.gguf');
  await writeScriptedModel(large, { shape: '70B', quant: 'Q4_K_M' });
  form = {
    modelPath: large,
    vramBudget: 11,
    gpuLayers: null,
    contextSize: null,
    batchSize: null,
    threads: null,
    kvCacheType: null,
    flashAttention: 'auto',
    mmap: true,
    mlock: false,
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let learned: Learned;
let corrections: Corrections;
let snapshot: EngineSnapshot;
const simulate = vi.fn<SimulateFile>();
const calibrate = vi.fn(() => Promise.resolve(calibration));
let source: PlannerSource;
beforeEach(async () => {
  learned = {};
  corrections = {};
  snapshot = stopped;
  simulate.mockReset();
  source = new PlannerSource({
    engine: Object.defineProperty({ snapshot, calibrate }, 'snapshot', { get: () => snapshot }),
    planner: new Planner(simulate, () => corrections),
    open: async (file) => ({ path: file, identity: file, header: await readGgufHeader(file) }),
    typical: () => ({ promptTokens: 3000, answerTokens: 400 }),
    learned: () => learned,
    keepCalibration: (measured) => {
      learned = { calibration: measured };
    },
    t: translate,
  });
  source.see(hardware);
  await source.prepare(large);
});

const sum = (bytes: Record<string, number>) => Object.values(bytes).reduce((a, b) => a + b, 0);

describe('PlannerSource', () => {
  it('estimates within the budget, on the card as its own tool tells it', () => {
    const plan = source.estimate(form);
    expect(plan).toMatchObject({
      verdict: 'fits',
      totalLayers: 81,
      simulated: false,
      calibrated: false,
      ram: { totalBytes: 64 * gib, otherBytes: 8 * gib },
      vram: { name: 'NVIDIA Card', totalBytes: 12 * gib, otherBytes: 0.5 * gib, budgetBytes: 11 * gib },
    });
    const taken = sum(plan?.vram?.bytes ?? {});
    expect(taken).toBeLessThanOrEqual(11 * gib);
    expect(taken + (plan?.nextLayer?.bytes ?? 0)).toBeGreaterThan(11 * gib);
  });

  it('takes what the form pins', () => {
    const pinned = {
      gpuLayers: 5,
      contextSize: 4096,
      batchSize: 256,
      threads: 3,
      kvCacheType: 'q8_0',
    } as const;
    expect(source.estimate({ ...form, ...pinned })).toMatchObject(pinned);
  });

  it('tells what answers by the very plan were measured at, beside what they correct', () => {
    const before = source.estimate(form);
    if (before === undefined) throw new Error('there is no plan');
    expect(before.measuredDecode).toBeUndefined();
    const { gpuLayers, contextSize, batchSize, kvCacheType, flashAttention, mmap, decode } = before;
    const config = { gpuLayers, contextSize, batchSize, kvCacheType, flashAttention, mmap, sequences: 1 };
    corrections = learnAnswer({}, large, config, { decode: { predicted: decode, measured: decode / 2 } });
    const after = source.estimate(form);
    expect(after?.measuredDecode).toBeCloseTo(decode / 2);
    expect(after?.decode).toBeCloseTo(decode / 2);
  });

  it('answers a slider within 50 ms', () => {
    source.estimate(form);
    const started = performance.now();
    for (let step = 0; step < 10; step++) source.estimate({ ...form, vramBudget: 5 + step / 2 });
    const each = (performance.now() - started) / 10;
    expect(each).toBeLessThan(50);
  });

  it('gives back first what the loaded model holds', () => {
    const memory = { vramBytes: 0.25 * gib, ramBytes: 4 * gib };
    const buffers = [{ name: 'CPU', kind: 'model', bytes: 4 * gib, onGpu: false }];
    snapshot = { ...stopped, model: { path: large, memory, buffers } as EngineSnapshot['model'] };
    expect(source.estimate(form)).toMatchObject({
      ram: { otherBytes: 4 * gib },
      vram: { otherBytes: 0.25 * gib },
    });
  });

  it('names what each level would do, and what it costs', () => {
    const files = [
      { path: large, quant: 'Q4_K_M' },
      { path: '/unread.gguf', quant: 'Q8_0' },
    ] as ModelFileView[];
    expect(source.quants(form, files)).toMatchObject([
      { path: large, fits: true, qualityCost: '+1.2 %', suggested: true },
    ]);
  });

  it('says where the bytes are llama.cpp’s own', async () => {
    simulate.mockImplementation(({ configs }) =>
      Promise.resolve(
        configs.map(({ gpuLayers }) => ({
          weights: { vramBytes: gpuLayers * 0.5 * gib, ramBytes: (81 - gpuLayers) * 0.5 * gib },
          context: { vramBytes: 0.5 * gib, ramBytes: gib },
        })),
      ),
    );
    const plan = await source.exact(form, new AbortController().signal);
    expect(plan?.simulated).toBe(true);
    expect(sum(plan?.vram?.bytes ?? {})).toBeLessThanOrEqual(11 * gib);
  });

  it('holds no answer up for a simulation', async () => {
    snapshot = { ...stopped, state: { kind: 'generating', rate: 1, tokens: 1 } };
    expect(await source.exact(form, new AbortController().signal)).toBeUndefined();
    expect(simulate).not.toHaveBeenCalled();
  });

  it('plans nothing that has not been read, or cannot be', async () => {
    const other = { ...form, modelPath: path.join(folder, 'none.gguf') };
    await source.prepare(other.modelPath);
    expect(source.estimate(other)).toBeUndefined();
    expect(await source.exact(other, new AbortController().signal)).toBeUndefined();
    expect(source.quants(other, [])).toEqual([]);
    await expect(readGgufHeader(other.modelPath)).rejects.toBeInstanceOf(GgufError);
  });

  it('plans by the rates that were measured', async () => {
    await source.calibrate(() => {}, new AbortController().signal);
    expect(source.estimate(form)).toMatchObject({ calibrated: true });
  });
});
