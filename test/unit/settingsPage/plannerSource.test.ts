import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import { GgufError } from '../../../src/gguf/ggufError';
import type { GgufHeader } from '../../../src/gguf/model';
import { readGgufHeader } from '../../../src/gguf/readHeader';
import type { SizedFile } from '../../../src/models/levelSizes';
import { learnAnswer, type Corrections } from '../../../src/plan/correction';
import { Planner, type SimulateFile } from '../../../src/planner/planner';
import type { Learned } from '../../../src/planner/machine';
import type { Calibration } from '../../../src/protocol/engine';
import type { HardwareView, LoadForm, ModelFileView } from '../../../src/protocol/webview';
import { PlannerSource } from '../../../src/settingsPage/plannerSource';
import { writeDescribedModel } from '../../support/describedModel';
import { requantised } from '../../support/quantMixes';
import { writeScriptedModel } from '../../support/scriptedModel';
import { translate } from '../models/translate';
import { loadForm } from '../../support/loadForm';

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
  form = loadForm(large, { vramBudget: 11 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let learned: Learned;
let corrections: Corrections;
let snapshot: EngineSnapshot;
const simulate = vi.fn<SimulateFile>();
const otherModels = vi.fn(() => Promise.resolve<string[]>([]));
const findSizes = vi.fn<(file: SizedFile) => Promise<boolean>>(() => Promise.resolve(true));
let sized: GgufHeader[];
let source: PlannerSource;
beforeEach(async () => {
  learned = {};
  corrections = {};
  snapshot = stopped;
  simulate.mockReset();
  findSizes.mockClear();
  otherModels.mockClear();
  sized = [];
  source = new PlannerSource({
    engine: Object.defineProperty({ snapshot }, 'snapshot', { get: () => snapshot }),
    planner: new Planner(simulate, () => corrections),
    open: async (file) => ({ path: file, identity: file, header: await readGgufHeader(file) }),
    models: otherModels,
    levelSizes: { of: () => sized, find: findSizes },
    typical: () => ({ promptTokens: 3000, answerTokens: 400 }),
    learned: () => learned,
    calibrator: {
      measure: () => {
        learned = { calibration };
        return Promise.resolve(calibration);
      },
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

  it('says what the formulas leave out of a model, until llama.cpp was asked', async () => {
    const model = path.join(folder, 'mamba.gguf');
    await writeDescribedModel(model, 'mamba');
    await source.prepare(model);
    const left =
      'The formulas leave out what the recurrent layers of this model need for a batch, tens of MiB.';
    const small = loadForm(model, { vramBudget: 11 });
    expect(source.estimate(small)?.reason).toMatch(/\.$/);
    expect(source.estimate(small)?.reason).toContain(left);
    expect(source.estimate(form)?.reason).not.toContain('formulas');
    simulate.mockImplementation(({ configs }) =>
      Promise.resolve(
        configs.map(() => ({
          weights: { ramBytes: 1, vramBytes: 1 },
          context: { ramBytes: 1, vramBytes: 1 },
        })),
      ),
    );
    const exact = await source.exact(small, [], new AbortController().signal);
    expect(exact).toMatchObject({ simulated: true });
    expect(exact?.reason).not.toContain('formulas');
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
    const { gpuLayers, contextSize, batchSize, kvCacheType, flashAttention, mmap, sequences } = before;
    const config = { gpuLayers, contextSize, batchSize, kvCacheType, flashAttention, mmap, sequences };
    const { decode } = before;
    corrections = learnAnswer({}, large, config, { decode: { predicted: decode, measured: decode / 2 } });
    const after = source.estimate(form);
    expect(after?.measuredDecode).toBeCloseTo(decode / 2);
    expect(after?.decode).toBeCloseTo(decode / 2);
  });

  it('answers a slider within 50 ms', () => {
    source.estimate(form);
    const times = Array.from({ length: 10 }, (_, step) => {
      const started = performance.now();
      source.estimate({ ...form, vramBudget: 5 + step / 2 });
      return performance.now() - started;
    });
    // The quickest: other work on the machine only adds to it.
    expect(Math.min(...times)).toBeLessThan(50);
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
    expect(source.quants(form, files)).toMatchObject({
      rows: [
        {
          level: 'Q4_K_M',
          path: large,
          fits: true,
          perplexityIncrease: 1.2,
          mmlu: undefined,
          suggested: true,
        },
      ],
      recommendation: 'Q4_K_M is the quickest level that loses little by published figures.',
      perplexity: { model: 'Llama 2 70B' },
      mmlu: { model: 'Llama 3 70B Instruct', source: 'github.com/matt-c1/llama-3-quant-comparison' },
    });
  });

  it('recommends among levels that are not at hand too, and says where it is one of them', async () => {
    const header = await readGgufHeader(large);
    sized = (['IQ3_M', 'Q4_K_M', 'Q8_0'] as const).map((level) => requantised(header, level));
    const files = [{ path: large, quant: 'Q4_K_M', sizeBytes: header.fileSize }] as ModelFileView[];
    const advice = source.quants(form, files);
    expect(advice?.rows.map(({ level, path: at, suggested }) => [level, at, suggested])).toEqual([
      ['IQ3_M', undefined, true],
      ['Q4_K_M', large, false],
      ['Q8_0', undefined, false],
    ]);
    expect(advice?.recommendation).toBe(
      'IQ3_M is the quickest level that loses little by published figures. It is not on this machine; of the levels that are, Q4_K_M suits best.',
    );
    expect(advice?.rows[0]).toMatchObject({ mmlu: 80.06, perplexityIncrease: undefined });
    expect(advice?.rows[2]?.sizeBytes).toBe(sized[2]?.fileSize);
  });

  it('sizes levels once it is known what the engine runs in, and not while it answers', async () => {
    expect(await source.findLevels(large)).toBe(false);
    const runtime = { path: '/node', kind: 'node', version: '20.0.0', source: 'path' } as const;
    snapshot = { ...stopped, runtime, state: { kind: 'generating', rate: 1, tokens: 1 } };
    expect(await source.findLevels(large)).toBe(false);
    expect(findSizes).not.toHaveBeenCalled();
    snapshot = { ...stopped, runtime };
    expect(await source.findLevels('/unread.gguf')).toBe(false);
    expect(await source.findLevels(large)).toBe(true);
    expect(findSizes.mock.calls.map(([file]) => file.path)).toEqual([large]);
  });

  it('advises of the levels and models at hand', async () => {
    const [level, other] = ['smaller.gguf', 'other.gguf'].map((name) => path.join(folder, name));
    if (level === undefined || other === undefined) throw new Error('no paths');
    await writeScriptedModel(level, { shape: '70B', quant: 'Q4_0' });
    await writeScriptedModel(other, { shape: '8B', quant: 'Q4_K_M', name: 'Other' });
    await source.prepare(level);
    otherModels.mockResolvedValueOnce([large, other]);
    source.see({ ...hardware, ramTotalBytes: 32 * gib, ramAvailableBytes: 28 * gib });
    simulate.mockImplementation(({ configs }) =>
      Promise.resolve(
        configs.map(({ gpuLayers }) => ({
          weights: { vramBytes: gpuLayers * 0.5 * gib, ramBytes: (81 - gpuLayers) * 0.5 * gib },
          context: { vramBytes: 0.5 * gib, ramBytes: gib },
        })),
      ),
    );
    const files = [
      { path: large, quant: 'Q4_K_M', sizeBytes: 1 },
      { path: level, quant: 'Q4_0', sizeBytes: 1 },
    ] as ModelFileView[];
    const plan = await source.exact(form, files, new AbortController().signal);
    const advice = plan?.advice.join('\n');
    expect(advice).toContain(
      'Use the level Q4_0 of this model. At that level, the perplexity of Llama 2 70B is 3.6 % above the unquantised one’s instead of 1.2 %.',
    );
    expect(advice).toContain('Use Other (Q4_K_M), which is on the GPU as a whole.');
    expect(source.estimate(form)?.advice).toEqual(plan?.advice);
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
    const plan = await source.exact(form, [], new AbortController().signal);
    expect(plan?.simulated).toBe(true);
    expect(sum(plan?.vram?.bytes ?? {})).toBeLessThanOrEqual(11 * gib);
  });

  it('holds no answer up for a simulation', async () => {
    snapshot = { ...stopped, state: { kind: 'generating', rate: 1, tokens: 1 } };
    expect(await source.exact(form, [], new AbortController().signal)).toBeUndefined();
    expect(simulate).not.toHaveBeenCalled();
  });

  it('plans nothing that has not been read, or cannot be', async () => {
    const other = { ...form, modelPath: path.join(folder, 'none.gguf') };
    await source.prepare(other.modelPath);
    expect(source.estimate(other)).toBeUndefined();
    expect(await source.exact(other, [], new AbortController().signal)).toBeUndefined();
    expect(source.quants(other, [])).toBeUndefined();
    await expect(readGgufHeader(other.modelPath)).rejects.toBeInstanceOf(GgufError);
  });

  it('plans by the rates that were measured', async () => {
    await source.calibrate(() => {}, new AbortController().signal);
    expect(source.estimate(form)).toMatchObject({ calibrated: true });
  });
});
