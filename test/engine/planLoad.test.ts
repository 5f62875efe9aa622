import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { totalBytes } from '../../src/plan/memory';
import { nothingLearned, type Learned } from '../../src/planner/learnedFile';
import { PlannedFiles } from '../../src/planner/plannedFiles';
import { CompletionPlanner } from '../../src/planner/completionPlanner';
import { Planner } from '../../src/planner/planner';
import { PlanLoader } from '../../src/planner/planLoader';
import type { LoadedModel, LoadOptions } from '../../src/protocol/engine';
import type { LoadForm } from '../../src/protocol/webview';
import { wishesOf } from '../../src/settingsPage/planWishes';
import { collectingLogger, temporaryFolder, type TestEngine } from '../support/engineHarness';
import { quickDevice } from '../support/plannedModels';
import { writeScriptedModel } from '../support/scriptedModel';
import { startWithSoftwareVulkan } from '../support/softwareVulkan';
import { translate } from '../unit/models/translate';

const mib = 2 ** 20;
const gib = 2 ** 30;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let form: LoadForm;
beforeAll(async () => {
  folder = await temporaryFolder();
  const { path } = await writeScriptedModel(join(folder.path, '1B.gguf'), {
    shape: '1B, 32k words',
    quant: 'Q4_K_M',
  });
  form = {
    ...{ modelPath: path, vramBudget: 0.6, gpuLayers: null, contextSize: 2048, batchSize: 512 },
    ...{ threads: 1, kvCacheType: 'f16', flashAttention: 'auto', sequences: 1, mmap: true, mlock: false },
  };
});
afterAll(() => folder.remove());

/** What loads asked, said and learned. */
interface Told {
  announced: string[];
  loads: LoadOptions[];
  learned: Learned;
}

const nothingTold = (): Told => ({ announced: [], loads: [], learned: nothingLearned });

function loaderFor({ client }: TestEngine, told: Told, completionPath = '') {
  const files = new PlannedFiles();
  const planner = new Planner((params, signal) => client.simulate(params, signal));
  const open = (path: string) => files.open(path);
  const completions = new CompletionPlanner({ planner, open, path: () => completionPath });
  let model: LoadedModel | undefined;
  return new PlanLoader({
    engine: {
      get snapshot() {
        return { state: { kind: 'ready' } as const, info: client.info, model, runtime: undefined };
      },
      load: async (options, ...more) => {
        told.loads.push(options);
        return (model = await client.load(options, ...more));
      },
    },
    planner,
    store: {
      get learned() {
        return told.learned;
      },
      update: (change) => {
        told.learned = { ...told.learned, ...change(told.learned) };
        return Promise.resolve();
      },
    },
    open: async (path) => {
      await completions.refresh();
      return await open(path);
    },
    machine: () => Promise.resolve(quickDevice(client.info)),
    calibrator: { beforeLoad: () => Promise.resolve(false) },
    wishes: (each) =>
      wishesOf(each, { promptTokens: 3000, answerTokens: 400 }, completions.beside(each.modelPath)),
    completion: (...asked) => completions.plan(...asked),
    announce: (message) => told.announced.push(message),
    log: collectingLogger([]),
    t: translate,
  });
}

it('loads by a plan that then holds: within the budget, and no layer more would be', async (ctx) => {
  const engine = await startWithSoftwareVulkan(ctx);
  try {
    const told = nothingTold();
    const loader = loaderFor(engine, told);
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
    expect(told.announced).toEqual([]);
  } finally {
    await engine.client.shutdown();
  }
}, 240_000);

it('plans a small second model first, on the device as a whole, and the rest of the budget for the other', async (ctx) => {
  const engine = await startWithSoftwareVulkan(ctx);
  try {
    const small = await writeScriptedModel(join(folder.path, 'small.gguf'), { fim: true });
    const told = nothingTold();
    const loader = loaderFor(engine, told, small.path);
    const model = await loader.load(form, () => undefined, new AbortController().signal);
    const { plan, check } = loader.current ?? expect.fail('nothing is loaded by a plan');
    expect(model.completion).toMatchObject({ path: small.path, gpuLayers: 3, totalLayers: 3, fim: true });
    const own =
      model.completion?.buffers.reduce((sum, { onGpu, bytes }) => sum + (onGpu ? bytes : 0), 0) ?? 0;
    console.log(`The second model's VRAM: predicted ${plan.use.vram.completion}, measured ${own}`);
    expect(Math.abs(plan.use.vram.completion - own)).toBeLessThan(own * 0.02);
    const predicted = totalBytes(plan.use.vram);
    expect(Math.abs(check.bufferBytes - predicted)).toBeLessThan(predicted * 0.005);
    expect(check.overBytes).toBe(0);
    expect(told.announced).toEqual([]);
  } finally {
    await engine.client.shutdown();
  }
}, 240_000);

/**
 * From now on the process may take so much more memory of its own, and the software device with it: its driver's
 * allocations fail as those of a card do. Bytes.
 */
async function limitMemory({ client }: TestEngine, moreBytes: number): Promise<void> {
  const { pid } = client.info;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const limit = Number(/^VmData:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024 + moreBytes;
  await promisify(execFile)('prlimit', ['--pid', String(pid), `--data=${limit}:${limit}`]);
}

it('steps down where the device has less than it says, and remembers what worked', async (ctx) => {
  const engine = await startWithSoftwareVulkan(ctx);
  try {
    // A cache of 1 GiB in 8 blocks, beside weights of tens of MiB.
    const { path } = await writeScriptedModel(join(folder.path, 'deep.gguf'), {
      shape: { blocks: 8, width: 1024, feedForward: 1024, heads: 16, kvHeads: 16, contextLength: 65_536 },
      quant: 'Q8_0',
    });
    const wanted = { ...form, modelPath: path, vramBudget: 2, contextSize: 32_768 };
    const told = nothingTold();
    const load = () => loaderFor(engine, told).load(wanted, () => undefined, new AbortController().signal);
    await limitMemory(engine, 880 * mib);
    const model = await load();
    expect(told.announced).toEqual([
      'Memory ran out while loading with 9 layers on the GPU. It is tried with 8.',
      'Memory ran out while loading with batches of 512 tokens. It is tried with 256.',
      'Memory ran out while loading with a KV cache of type f16. It is tried with q8_0.',
    ]);
    expect(told.loads).toHaveLength(4);
    expect(model).toMatchObject({ gpuLayers: 8, batchSize: 256, kvCacheType: 'q8_0', contextSize: 32_768 });
    expect(model.buffers.some(({ onGpu, kind }) => onGpu && kind === 'KV')).toBe(true);
    expect(await load()).toMatchObject({ gpuLayers: 8, batchSize: 256, kvCacheType: 'q8_0' });
    expect({ loads: told.loads.length, announced: told.announced.length }).toEqual({
      loads: 5,
      announced: 3,
    });
  } finally {
    await engine.client.shutdown();
  }
}, 120_000);
