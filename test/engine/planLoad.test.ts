import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { totalBytes } from '../../src/plan/memory';
import { nothingLearned } from '../../src/planner/learnedFile';
import { PlannedFiles } from '../../src/planner/plannedFiles';
import { Planner } from '../../src/planner/planner';
import { PlanLoader } from '../../src/planner/planLoader';
import type { LoadedModel } from '../../src/protocol/engine';
import type { LoadForm } from '../../src/protocol/webview';
import { wishesOf } from '../../src/settingsPage/planWishes';
import { collectingLogger, temporaryFolder, type TestEngine } from '../support/engineHarness';
import { quickDevice } from '../support/plannedModels';
import { writeScriptedModel } from '../support/scriptedModel';
import { startWithSoftwareVulkan } from '../support/softwareVulkan';

const gib = 2 ** 30;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let form: LoadForm;
beforeAll(async () => {
  folder = await temporaryFolder();
  const { path } = await writeScriptedModel(join(folder.path, '1B.gguf'), { shape: '1B', quant: 'Q4_K_M' });
  form = {
    ...{ modelPath: path, vramBudget: 0.6, gpuLayers: null, contextSize: 2048, batchSize: 512 },
    ...{ threads: 1, kvCacheType: 'f16', flashAttention: 'auto', sequences: 1, mmap: true, mlock: false },
  };
});
afterAll(() => folder.remove());

function loaderFor({ client }: TestEngine, announced: string[]) {
  const files = new PlannedFiles();
  let model: LoadedModel | undefined;
  return new PlanLoader({
    engine: {
      get snapshot() {
        return { state: { kind: 'ready' } as const, info: client.info, model, runtime: undefined };
      },
      load: async (...args) => (model = await client.load(...args)),
    },
    planner: new Planner((params, signal) => client.simulate(params, signal)),
    store: { learned: nothingLearned, update: () => Promise.resolve() },
    open: (path) => files.open(path),
    machine: () => Promise.resolve(quickDevice(client.info)),
    calibrator: { beforeLoad: () => Promise.resolve(false) },
    wishes: (each) => wishesOf(each, { promptTokens: 3000, answerTokens: 400 }),
    announce: (message) => announced.push(message),
    log: collectingLogger([]),
    t: (message) => message,
  });
}

it('loads by a plan that then holds: within the budget, and no layer more would be', async (ctx) => {
  const engine = await startWithSoftwareVulkan(ctx);
  try {
    const announced: string[] = [];
    const loader = loaderFor(engine, announced);
    const model = await loader.load(form, () => undefined, new AbortController().signal);
    const { plan, check } = loader.current ?? expect.fail('nothing is loaded by a plan');
    expect(model).toMatchObject({ gpuLayers: plan.config.gpuLayers, contextSize: 2048, batchSize: 512 });
    expect(model.gpuLayers).toBeGreaterThan(0);
    expect(model.gpuLayers).toBeLessThan(model.totalLayers);
    const predicted = totalBytes(plan.use.vram);
    console.log(`VRAM: predicted ${predicted}, measured ${check.bufferBytes}`);
    expect(Math.abs(check.bufferBytes - predicted)).toBeLessThan(predicted * 0.005);
    expect(check).toMatchObject({ overBytes: 0, residualBytes: undefined });
    expect(check.bufferBytes + (plan.nextLayerBytes ?? 0)).toBeGreaterThan(0.6 * gib);
    expect(announced).toEqual([]);
  } finally {
    await engine.client.shutdown();
  }
}, 240_000);
