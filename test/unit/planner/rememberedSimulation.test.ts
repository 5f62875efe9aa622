import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineError } from '../../../src/errors';
import { nothingLearned, type Learned } from '../../../src/planner/learnedFile';
import { PlannedFiles } from '../../../src/planner/plannedFiles';
import { rememberedSimulation } from '../../../src/planner/rememberedSimulation';
import type { EngineInfo, PlanConfig, SimulateParams } from '../../../src/protocol/engine';
import { modelBytes } from '../gguf/smallModel';

const config = (gpuLayers: number): PlanConfig => ({
  ...{ gpuLayers, contextSize: 2048, batchSize: 512, kvCacheType: 'f16', sequences: 1 },
  ...{ flashAttention: true, mmap: true },
});
const use = (gpuLayers: number) => ({
  weights: { ramBytes: 100 - gpuLayers, vramBytes: gpuLayers },
  context: { ramBytes: 5, vramBytes: 6 },
});
const infoOf = (name: string): EngineInfo => ({
  ...{ pid: 1, libraryVersion: '3', llamaCppRelease: 'b1', nodeVersion: '20', mathCores: 2 },
  backend: 'vulkan',
  devices: [{ name, totalBytes: 1, freeBytes: 1 }],
});

describe('rememberedSimulation', () => {
  let learned: Learned = nothingLearned;
  let info: EngineInfo | undefined;
  let asked: number[][] = [];
  const simulate = (identity: string) =>
    rememberedSimulation({
      engine: {
        get snapshot() {
          return { state: { kind: 'stopped' } as const, info, model: undefined, runtime: undefined };
        },
        simulate: ({ configs }: SimulateParams) => {
          info ??= infoOf('A card');
          asked.push(configs.map(({ gpuLayers }) => gpuLayers));
          return Promise.resolve(configs.map(({ gpuLayers }) => use(gpuLayers)));
        },
      },
      store: {
        get learned() {
          return learned;
        },
        update: (change) => {
          learned = { ...learned, ...change(learned) };
          return Promise.resolve();
        },
      },
      identityOf: () => Promise.resolve(identity),
    });
  beforeEach(() => {
    learned = nothingLearned;
    info = undefined;
    asked = [];
  });
  const ask = (identity: string, ...layers: number[]) =>
    simulate(identity)({ modelPath: '/a.gguf', configs: layers.map(config) });

  it('asks once for each configuration, and answers in order', async () => {
    expect(await ask('a', 2, 1)).toEqual([use(2), use(1)]);
    expect(await ask('a', 1, 3, 2)).toEqual([use(1), use(3), use(2)]);
    expect(await ask('a', 3)).toEqual([use(3)]);
    expect(asked).toEqual([[2, 1], [3]]);
  });

  it('asks again for another file or device', async () => {
    await ask('a', 1);
    await ask('b', 1);
    info = infoOf('Another card');
    await ask('a', 1);
    expect(asked).toEqual([[1], [1], [1]]);
    expect(Object.keys(learned.simulated)).toEqual([
      'a vulkan|A_card|b1',
      'b vulkan|A_card|b1',
      'a vulkan|Another_card|b1',
    ]);
  });
});

describe('PlannedFiles', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'layercake-files-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('reads a header once while its file stays as it is', async () => {
    const files = new PlannedFiles();
    const file = path.join(folder, 'a b.gguf');
    await writeFile(file, modelBytes());
    const first = await files.open(file);
    expect(first).toMatchObject({ path: file, header: { name: 'Small' } });
    expect(first.identity).toMatch(/^[0-9a-f]{24}$/);
    expect(await files.open(file)).toBe(first);
    await writeFile(file, modelBytes({ 'general.name': ['string', 'Changed'] }));
    const second = await files.open(file);
    expect([second.header.name, second.identity === first.identity]).toEqual(['Changed', false]);
  });

  it('refuses a bad file with its reason', async () => {
    const file = path.join(folder, 'bad.gguf');
    await writeFile(file, 'no model');
    await expect(new PlannedFiles().open(file)).rejects.toSatisfy((error) =>
      EngineError.is(error, 'modelNotGguf'),
    );
    await expect(new PlannedFiles().open(`${file}.none`)).rejects.toSatisfy((error) =>
      EngineError.is(error, 'modelMissing'),
    );
  });
});
