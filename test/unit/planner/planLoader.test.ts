import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EngineError } from '../../../src/errors';
import { analyticOracle } from '../../../src/plan/analyticOracle';
import type { Machine } from '../../../src/plan/machine';
import { totalBytes } from '../../../src/plan/memory';
import { shapeOf } from '../../../src/plan/shapeOf';
import { deviceKey } from '../../../src/planner/deviceKey';
import { nothingLearned, type Learned } from '../../../src/planner/learnedFile';
import { learnedHere } from '../../../src/planner/learnedHere';
import { imaginedMachine, machineOf } from '../../../src/planner/machine';
import type { ReportLoad } from '../../../src/models/loadReport';
import { PlannedFiles } from '../../../src/planner/plannedFiles';
import { Planner, type PlannedFile } from '../../../src/planner/planner';
import { PlanLoader } from '../../../src/planner/planLoader';
import type {
  EngineFailure,
  LoadedModel,
  LoadOptions,
  ModelOptions,
  PlanConfig,
} from '../../../src/protocol/engine';
import type { LoadForm } from '../../../src/protocol/webview';
import { wishesOf } from '../../../src/settingsPage/planWishes';
import { collectingLogger, testLoadOptions } from '../../support/engineHarness';
import { writeScriptedModel } from '../../support/scriptedModel';
import { loadedModel } from '../../support/loadedModel';
import { translate } from '../models/translate';
import { loadForm } from '../../support/loadForm';

const GiB = 2 ** 30;
const MiB = 2 ** 20;
const never = new AbortController().signal;
const info = {
  pid: 1,
  libraryVersion: '3',
  llamaCppRelease: 'b1',
  nodeVersion: '20',
  backend: 'cuda' as const,
  devices: [{ name: 'A card', totalBytes: 2 * GiB, freeBytes: 2 * GiB }],
  mathCores: 4,
};

let folder: string;
let file: PlannedFile;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'layercake-loader-'));
  const written = await writeScriptedModel(path.join(folder, '1B.gguf'), { shape: '1B', quant: 'Q4_K_M' });
  file = await new PlannedFiles().open(written.path);
});
afterAll(() => rm(folder, { recursive: true }));

/** A machine of 2 GiB of VRAM whose engine takes what the formulas say, and `extraBytes` on the device. */
class Fixture {
  readonly loads: LoadOptions[] = [];
  readonly announced: string[] = [];
  readonly reported: Parameters<ReportLoad>[] = [];
  readonly lines: string[] = [];
  learned: Learned = nothingLearned;
  machine: Machine = imaginedMachine(
    { vramBytes: 2 * GiB, ramBytes: 32 * GiB },
    { ram: { totalBytes: 0, availableBytes: 0 }, physicalCores: 4 },
  );
  failures: EngineFailure[] = [];
  extraBytes = 0;
  residualBytes = 0;
  simulates = true;
  /** Whether the machine is measured before it loads, and what it is then. */
  measured: Machine | undefined;
  opened = file;
  form: LoadForm = loadForm(file.path, { vramBudget: 1 });
  /** How the second model is to be loaded; an error: it cannot be planned. */
  completion: ModelOptions | Error | undefined;
  completionFailure: EngineFailure | undefined;
  /** Of each load. */
  readonly wishes: (string | undefined)[] = [];
  private readonly snapshot: {
    model: LoadedModel | undefined;
    served: LoadOptions | undefined;
    info: typeof info;
  } = { model: undefined, served: undefined, info };

  loader(): PlanLoader {
    return new PlanLoader({
      engine: {
        snapshot: { state: { kind: 'ready' }, runtime: undefined, ...this.snapshot },
        load: (options, onProgress) => {
          onProgress?.(0.5);
          return this.load(options);
        },
      },
      planner: new Planner(({ configs }) =>
        this.simulates
          ? Promise.resolve(configs.map((config) => simulated(config)))
          : Promise.reject(new Error('llama.cpp cannot read it')),
      ),
      store: {
        learned: this.learned,
        update: (change) => {
          this.learned = { ...this.learned, ...change(this.learned) };
          return Promise.resolve();
        },
      },
      open: () => Promise.resolve(this.opened),
      machine: () => Promise.resolve(this.machine),
      calibrator: {
        beforeLoad: (onProgress) => {
          if (this.measured === undefined) return Promise.resolve(false);
          onProgress(0.5);
          this.machine = this.measured;
          return Promise.resolve(true);
        },
      },
      wishes: (form) => wishesOf(form, { promptTokens: 3000, answerTokens: 400 }),
      completion: () =>
        this.completion instanceof Error ? Promise.reject(this.completion) : Promise.resolve(this.completion),
      announce: (message) => this.announced.push(message),
      log: collectingLogger(this.lines),
      t: translate,
    });
  }

  run(form: Partial<LoadForm> = {}, signal = never): Promise<LoadedModel> {
    const report = (...reported: Parameters<ReportLoad>) => this.reported.push(reported);
    return this.loader().load({ ...this.form, ...form }, report, signal);
  }

  /** As after a load by another window. */
  share(model: LoadedModel, served: LoadOptions): void {
    Object.assign(this.snapshot, { model, served });
  }

  private load({ wish, ...options }: LoadOptions): Promise<LoadedModel> {
    this.wishes.push(wish);
    this.loads.push(options);
    const failure = this.failures.shift();
    if (failure !== undefined) return Promise.reject(new EngineError(failure));
    const bytes = totalBytes(useOf(configOf(options)).vram) + this.extraBytes;
    return Promise.resolve(
      loadedModel({
        buffers: [{ name: 'CUDA0', kind: 'model', bytes, onGpu: true }],
        deviceUsedBytes: { before: 100, after: 100 + bytes + this.residualBytes },
        ...(this.completionFailure && { completionFailure: this.completionFailure }),
      }),
    );
  }
}

function configOf(options: LoadOptions): PlanConfig {
  const { batchSize, kvCacheType, mmap, sequences } = options;
  return {
    ...{ batchSize, kvCacheType, mmap, sequences, flashAttention: options.flashAttention === 'on' },
    gpuLayers: options.gpuLayers ?? -1,
    contextSize: options.contextSize ?? -1,
  };
}

function useOf(config: PlanConfig) {
  return analyticOracle(shapeOf(file.header), { hasGpu: true }).use(config);
}

function simulated(config: PlanConfig) {
  const { vram, ram } = useOf(config);
  return {
    weights: { vramBytes: vram.weights + vram.experts, ramBytes: ram.weights + ram.experts },
    context: { vramBytes: vram.kv + vram.compute, ramBytes: ram.kv + ram.compute },
  };
}

let fixture: Fixture;
beforeEach(() => {
  fixture = new Fixture();
});
const layers = () => fixture.loads.map(({ gpuLayers }) => gpuLayers ?? -1);

describe('PlanLoader', () => {
  it('loads what the plan decided, with nothing left to the engine', async () => {
    await fixture.run();
    const [options] = fixture.loads;
    expect(options).toMatchObject({
      modelPath: file.path,
      threads: 3,
      contextSize: 8192,
      flashAttention: 'on',
    });
    expect(options?.gpuLayers).toBeGreaterThan(0);
    expect(options?.gpuLayers).toBeLessThan(17);
    expect(fixture.announced).toEqual([]);
    expect(fixture.lines[0]).toMatch(/^Plan \(simulated\): \d+ of 17 layers, context 8192/);
  });

  it('warns of a hard quant level, once for each file', async () => {
    fixture.opened = { ...file, header: { ...file.header, quant: 'Q2_K' } };
    const loader = fixture.loader();
    for (let load = 0; load < 2; load++) await loader.load(fixture.form, () => undefined, never);
    expect(fixture.announced).toEqual([
      'Answers get visibly worse at the level Q2_K. Where memory is short, a smaller model at Q4_K_M may serve better.',
    ]);
  });

  it('measures the machine first where that is due, as a part of the load, and plans by it', async () => {
    fixture.measured = { ...fixture.machine, physicalCores: 12 };
    await fixture.run();
    expect(fixture.reported).toEqual([
      [0.25, 'measuring'],
      [0.75, 'loading'],
    ]);
    expect(fixture.loads).toMatchObject([{ threads: 11 }]);
  });

  it('reports the load alone where the machine is known', async () => {
    await fixture.run();
    expect(fixture.reported).toEqual([[0.5, 'loading']]);
  });

  it('loads the second model beside, and asks for another load where that is another one', async () => {
    await fixture.run();
    fixture.completion = { ...testLoadOptions, modelPath: '/models/small.gguf' };
    await fixture.run();
    expect(fixture.loads[0]).not.toHaveProperty('completion');
    expect(fixture.loads[1]?.completion).toEqual(fixture.completion);
    expect(fixture.wishes[1]).not.toBe(fixture.wishes[0]);
  });

  it('loads without a second model that cannot be planned or loaded, and says why', async () => {
    fixture.completion = new Error('it is gone');
    await fixture.run();
    expect(fixture.loads).toHaveLength(1);
    fixture.completion = undefined;
    fixture.completionFailure = { reason: 'doesNotFit', detail: 'no room' };
    await fixture.run();
    const said = (why: string) =>
      `The model for completions was left out: ${why}. Ghost text comes from the chat model, if that can fill in.`;
    expect(fixture.announced).toEqual([said('it is gone'), said('no room')]);
  });

  it('keeps to what the settings pin', async () => {
    const pins = {
      gpuLayers: 3,
      batchSize: 128,
      contextSize: 1024,
      threads: 2,
      flashAttention: 'off',
      sequences: 3,
    } as const;
    await fixture.run({ ...pins, kvCacheType: 'f16', mmap: false, mlock: true });
    expect(fixture.loads).toEqual([
      { modelPath: file.path, ...pins, prefillThreads: 2, kvCacheType: 'f16', mmap: false, mlock: true },
    ]);
  });

  it('plans by formulas where the simulation fails, and says so in the log', async () => {
    await fixture.run();
    fixture.simulates = false;
    await fixture.run();
    expect(fixture.loads[1]).toEqual(fixture.loads[0]);
    expect(fixture.lines).toContain('The plan is an estimate: llama.cpp cannot read it');
  });

  it('leaves to the engine what nothing can be planned of', async () => {
    fixture.machine = { ...fixture.machine, rates: undefined as never };
    await fixture.run({ gpuLayers: 99 });
    expect(fixture.loads[0]).toMatchObject({ gpuLayers: 17, batchSize: 512, kvCacheType: 'f16' });
  });

  it('tells of a plan that does not fit, and tries all the same', async () => {
    await fixture.run({ gpuLayers: 17, vramBudget: 0.5 });
    expect(layers()).toEqual([17]);
    expect(fixture.announced).toEqual([
      expect.stringMatching(/^It needs .* of VRAM at least, and 512 MiB may be used\.$/),
    ]);
  });
});

describe('after loading', () => {
  it('learns what the driver took beside the buffers, for this device', async () => {
    fixture.residualBytes = 200 * MiB;
    await fixture.run();
    expect(fixture.learned.residuals).toEqual({ [deviceKey(info)]: 200 * MiB });
    expect(layers()).toHaveLength(1);
  });

  it('plans with it from the next load on, within the budget at once', async () => {
    fixture.residualBytes = 400 * MiB;
    await fixture.run();
    expect(fixture.announced.length).toBeGreaterThan(0);
    const fitting = layers().at(-1) ?? 0;
    const before = layers().length;
    fixture.machine = machineOf(info, fixture.machine.ram, learnedHere(info, fixture.learned));
    expect(fixture.machine.residual).toEqual({ bytes: 400 * MiB, source: 'learned' });
    const announced = fixture.announced.length;
    await fixture.run();
    expect(layers().slice(before)).toEqual([fitting]);
    expect(fixture.announced).toHaveLength(announced);
  });

  it('takes a layer off, and says so, until the budget holds', async () => {
    fixture.machine = { ...fixture.machine, residual: { bytes: 0, source: 'assumed' } };
    fixture.extraBytes = 120 * MiB;
    await fixture.run();
    const [first = 0] = layers();
    expect(layers().length).toBeGreaterThan(1);
    expect(layers()).toEqual(layers().map((_, i) => first - i));
    expect(fixture.announced).toHaveLength(layers().length - 1);
    expect(fixture.announced[0]).toMatch(
      new RegExp(`^The model took \\d+ MiB more VRAM than .* again with ${first - 1} layers on the GPU\\.$`),
    );
  });

  it('takes the second KV cache off before a layer', async () => {
    fixture.machine = { ...fixture.machine, residual: { bytes: 0, source: 'assumed' } };
    await fixture.run({ vramBudget: 4 });
    const [within] = fixture.loads;
    if (within === undefined) throw new Error('Nothing was loaded');
    fixture.extraBytes = 4 * GiB + MiB - totalBytes(useOf(configOf(within)).vram);
    await fixture.run({ vramBudget: 4 });
    const [, over, again] = fixture.loads;
    expect(over).toEqual({ ...within, sequences: 2 });
    expect(again).toEqual({ ...within, sequences: 1 });
    expect(fixture.announced[0]).toMatch(
      /more VRAM than the budget allows. It is loaded again with one KV cache/,
    );
  });

  it('leaves what is pinned as it is', async () => {
    fixture.extraBytes = GiB;
    await fixture.run({ gpuLayers: 3, sequences: 2 });
    expect(layers()).toEqual([3]);
  });
});

describe('what another window loaded', () => {
  const theirs = loadedModel({ name: 'theirs' });
  async function shared(form: Partial<LoadForm> = {}): Promise<LoadedModel> {
    await fixture.run();
    const [options] = fixture.loads;
    if (options === undefined) throw new Error('Nothing was loaded');
    fixture.share(theirs, { ...options, wish: fixture.wishes[0] ?? '' });
    return await fixture.run(form);
  }

  it('is right for the same wish, without a plan or a load', async () => {
    expect(await shared()).toBe(theirs);
    expect(fixture.loads).toHaveLength(1);
  });

  it('gives way to another wish', async () => {
    expect(await shared({ contextSize: 512 })).not.toBe(theirs);
    expect(fixture.loads).toHaveLength(2);
    expect(fixture.wishes[1]).not.toBe(fixture.wishes[0]);
  });
});

describe('where memory runs out', () => {
  const crash: EngineFailure = { reason: 'crashed', detail: 'SIGABRT' };
  const full: EngineFailure = { reason: 'doesNotFit', detail: 'cudaMalloc failed' };

  it('steps down one thing at a time, announces each, and remembers what worked', async () => {
    fixture.failures = [crash, full];
    await fixture.run({ batchSize: 512 });
    const [a, b, c] = fixture.loads;
    expect(b?.gpuLayers).toBeLessThan(a?.gpuLayers ?? 0);
    expect([a?.batchSize, b?.batchSize, c?.batchSize]).toEqual([512, 512, 256]);
    expect(c?.gpuLayers).toBe(b?.gpuLayers);
    expect(fixture.announced).toEqual([
      `Memory ran out while loading with ${a?.gpuLayers} layers on the GPU. It is tried with ${b?.gpuLayers}.`,
      'Memory ran out while loading with batches of 512 tokens. It is tried with 256.',
    ]);
    await fixture.run({ batchSize: 512 });
    expect(fixture.loads[3]).toEqual(c);
    // Asked for something else, it is tried afresh.
    await fixture.run({ batchSize: 512, vramBudget: 1.1 });
    expect(fixture.loads[4]?.batchSize).toBe(512);
  });

  it('drops the second sequence before anything else, and remembers it', async () => {
    fixture.failures = [full];
    await fixture.run({ vramBudget: 2 });
    const [first, second] = fixture.loads;
    expect(first?.sequences).toBe(2);
    expect(second).toEqual({ ...first, sequences: 1 });
    expect(fixture.announced).toEqual([
      'Memory ran out while loading with 2 KV caches. It is tried with one; short requests then take turns with the conversation.',
    ]);
    await fixture.run({ vramBudget: 2 });
    expect(fixture.loads[2]).toEqual(second);
  });

  it('goes from far too many pinned layers to those that fit', async () => {
    await fixture.run({ batchSize: 512 });
    fixture.failures = [full];
    await fixture.run({ batchSize: 512, gpuLayers: 17 });
    const [fitting, pinned, tried] = fixture.loads;
    expect(pinned?.gpuLayers).toBe(17);
    expect(tried).toEqual(fitting);
    await fixture.run({ batchSize: 512, gpuLayers: 17 });
    expect(fixture.loads[3]).toEqual(fitting);
  });

  it('gives up after four more tries, with the last failure', async () => {
    fixture.failures = [full, full, full, full, crash, crash];
    await expect(fixture.run({ batchSize: 512 })).rejects.toMatchObject({ failure: crash });
    expect(fixture.loads).toHaveLength(5);
    expect(fixture.loads.at(-1)).toMatchObject({ batchSize: 256, kvCacheType: 'q8_0', contextSize: 4096 });
    expect(fixture.learned).toEqual(nothingLearned);
  });

  it('does not try again what is not about memory, was cancelled, or crashed too often', async () => {
    for (const failure of [{ reason: 'modelUnsupported', detail: '' } as const, { ...crash, restarts: 4 }]) {
      fixture.failures = [failure];
      await expect(fixture.run()).rejects.toMatchObject({ failure });
    }
    const abort = new AbortController();
    fixture.failures = [crash];
    const load = fixture.run({}, abort.signal);
    abort.abort();
    await expect(load).rejects.toThrow();
    expect(fixture.announced).toEqual([]);
  });
});
