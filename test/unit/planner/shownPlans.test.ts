import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import { EngineError } from '../../../src/errors';
import { analyticOracle } from '../../../src/plan/analyticOracle';
import type { Machine } from '../../../src/plan/machine';
import { shapeOf } from '../../../src/plan/shapeOf';
import { imaginedMachine } from '../../../src/planner/machine';
import { PlannedFiles } from '../../../src/planner/plannedFiles';
import { Planner, type PlannedFile } from '../../../src/planner/planner';
import type { PlannedLoad } from '../../../src/planner/planLoader';
import { ShownPlans, type ShownPlan } from '../../../src/planner/shownPlans';
import type { LoadForm } from '../../../src/protocol/webview';
import { wishesOf } from '../../../src/settingsPage/planWishes';
import { collectingLogger } from '../../support/engineHarness';
import { writeScriptedModel } from '../../support/scriptedModel';
import { loadedModel } from '../../support/loadedModel';

const GiB = 2 ** 30;
const never = new AbortController().signal;
let folder: string;
let file: PlannedFile;
let form: LoadForm;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lc-shown-'));
  const written = await writeScriptedModel(path.join(folder, '1B.gguf'), { shape: '1B', quant: 'Q4_K_M' });
  file = await new PlannedFiles().open(written.path);
  form = {
    ...{ modelPath: file.path, vramBudget: 0.6, gpuLayers: null, contextSize: 2048, batchSize: null },
    ...{ threads: null, kvCacheType: null, flashAttention: 'auto', mmap: true, mlock: false },
    sequences: null,
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

class Fixture {
  state: EngineSnapshot['state'] = { kind: 'stopped' };
  current: PlannedLoad | undefined;
  /** What is found once the engine has started. */
  machine: Machine = imaginedMachine(
    { vramBytes: 2 * GiB, ramBytes: 32 * GiB },
    { ram: { totalBytes: 0, availableBytes: 0 }, physicalCores: 4 },
  );
  started: string[] = [];
  failure: Error | undefined;
  readonly lines: string[] = [];
  readonly planner = new Planner(({ configs }) =>
    Promise.resolve(
      configs.map((config) => {
        const { vram, ram } = analyticOracle(shapeOf(file.header), { hasGpu: true }).use(config);
        return {
          weights: { vramBytes: vram.weights, ramBytes: ram.weights },
          context: { vramBytes: vram.kv + vram.compute, ramBytes: ram.kv + ram.compute },
        };
      }),
    ),
  );

  plans(): ShownPlans {
    return new ShownPlans({
      engine: { snapshot: { state: this.state, info: undefined, model: undefined, runtime: undefined } },
      planner: this.planner,
      open: (each) =>
        each === file.path
          ? Promise.resolve(file)
          : Promise.reject(new EngineError({ reason: 'modelMissing', detail: each })),
      machine: () => Promise.resolve(this.machine),
      start: (each) => {
        this.started.push(each);
        return this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure);
      },
      wishes: (each) => wishesOf(each, { promptTokens: 3000, answerTokens: 400 }),
      current: () => this.current,
      log: collectingLogger(this.lines),
    });
  }

  async all(asked = form, signal = never): Promise<ShownPlan[]> {
    const all: ShownPlan[] = [];
    for await (const shown of this.plans().of(asked, signal)) all.push(shown);
    return all;
  }
}

let fixture: Fixture;
beforeEach(() => {
  fixture = new Fixture();
});

describe('ShownPlans', () => {
  it('tell an estimate, then the exact plan, with the engine started', async () => {
    const [estimate, exact, ...rest] = await fixture.all();
    expect(rest).toEqual([]);
    expect(estimate).toMatchObject({ kind: 'checking', form, plan: { oracle: 'analytic' } });
    expect(exact).toMatchObject({ kind: 'exact', form, plan: { oracle: 'simulated' } });
    const asked = wishesOf(form, { promptTokens: 3000, answerTokens: 400 });
    expect(exact?.plan).toEqual(await fixture.planner.plan(file, fixture.machine, asked));
    expect(fixture.started).toEqual([file.path]);
  });

  it('keep the estimate where llama.cpp cannot be asked, and say why in the log', async () => {
    fixture.failure = new Error('no runtime');
    expect((await fixture.all()).map(({ kind }) => kind)).toEqual(['checking', 'estimate']);
    expect(fixture.lines).toEqual(['The plan is an estimate: Error: no runtime']);
  });

  it('hold no answer up', async () => {
    fixture.state = { kind: 'generating', rate: 1, tokens: 1 };
    expect((await fixture.all()).map(({ kind }) => kind)).toEqual(['estimate']);
    expect(fixture.started).toEqual([]);
  });

  it('tell what is loaded, as long as the settings ask for nothing else', async () => {
    const [estimate] = await fixture.all();
    if (estimate === undefined) throw new Error('there is no plan');
    const check = { bufferBytes: GiB / 2, residualBytes: undefined, overBytes: 0 };
    const { plan, machine } = estimate;
    fixture.current = { form: { ...form }, file, plan, machine, model: loadedModel(), check };
    const [loaded, ...rest] = await fixture.all();
    expect(rest).toEqual([]);
    expect(loaded).toMatchObject({ kind: 'loaded', plan, took: { check } });
    const pinned = await fixture.all({ ...form, gpuLayers: 3 });
    expect(pinned.at(-1)).toMatchObject({ kind: 'exact', plan: { config: { gpuLayers: 3 } } });
    expect(pinned.at(-1)?.took).toBeUndefined();
  });

  it('reject for a bad file, and end where they are no longer wanted', async () => {
    const missing = { ...form, modelPath: '/none.gguf' };
    await expect(fixture.all(missing)).rejects.toBeInstanceOf(EngineError);
    expect(await fixture.all(form, AbortSignal.abort())).toHaveLength(1);
    expect(fixture.started).toEqual([]);
  });
});
