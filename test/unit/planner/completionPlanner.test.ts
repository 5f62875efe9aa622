import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyticOracle } from '../../../src/plan/analyticOracle';
import type { Machine } from '../../../src/plan/machine';
import { totalBytes } from '../../../src/plan/memory';
import { shapeOf } from '../../../src/plan/shapeOf';
import { checkLoad } from '../../../src/planner/loadCheck';
import { CompletionPlanner } from '../../../src/planner/completionPlanner';
import { imaginedMachine } from '../../../src/planner/machine';
import { PlannedFiles } from '../../../src/planner/plannedFiles';
import { Planner, type PlannedFile } from '../../../src/planner/planner';
import type { LoadedBuffer, SimulateParams } from '../../../src/protocol/engine';
import { loadedModel } from '../../support/loadedModel';
import { writeScriptedModel } from '../../support/scriptedModel';

const GiB = 2 ** 30;
const never = new AbortController().signal;

let folder: string;
let chat: PlannedFile;
let small: PlannedFile;
let plain: PlannedFile;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'layercake-completion-'));
  const files = new PlannedFiles();
  const write = async (name: string, options: Parameters<typeof writeScriptedModel>[1]) =>
    await files.open((await writeScriptedModel(path.join(folder, name), options)).path);
  chat = await write('8B.gguf', { shape: '8B', quant: 'Q4_K_M' });
  small = await write('1B.gguf', { shape: '1B, 32k words', quant: 'Q4_K_M', fim: true });
  plain = await write('plain.gguf', {});
});
afterAll(() => rm(folder, { recursive: true }));

function machineWith(vramBytes: number | undefined): Machine {
  const here = { ram: { totalBytes: 0, availableBytes: 0 }, physicalCores: 4 };
  return imaginedMachine({ vramBytes: vramBytes ?? 0, ramBytes: 32 * GiB }, here);
}

/** llama.cpp as the formulas have it; notes what it was asked about. */
function stand(file: PlannedFile | undefined) {
  const simulated: SimulateParams[] = [];
  const planner = new Planner((params) => {
    simulated.push(params);
    const { header } = params.modelPath === small.path ? small : chat;
    return Promise.resolve(
      params.configs.map((config) => {
        const { vram, ram } = analyticOracle(shapeOf(header), { hasGpu: true }).use(config);
        return {
          weights: { vramBytes: vram.weights, ramBytes: ram.weights },
          context: { vramBytes: vram.kv + vram.compute, ramBytes: ram.kv + ram.compute },
        };
      }),
    );
  });
  const completions = new CompletionPlanner({
    planner,
    open: () => (file === undefined ? Promise.reject(new Error('gone')) : Promise.resolve(file)),
    path: () => file?.path ?? '/gone.gguf',
  });
  return { planner, completions, simulated };
}

describe('CompletionPlanner', () => {
  it('puts the model on the GPU as a whole where that takes a quarter of the budget at most', async () => {
    const { completions, simulated } = stand(small);
    await completions.refresh();
    const options = await completions.plan(chat.path, machineWith(12 * GiB), undefined, never);
    expect(options).toMatchObject({
      modelPath: small.path,
      gpuLayers: small.header.totalLayers,
      sequences: 1,
    });
    expect(simulated.every(({ modelPath }) => modelPath === small.path)).toBe(true);
    expect(simulated.length).toBeGreaterThan(0);
    const tight = await completions.plan(chat.path, machineWith(12 * GiB), 2 * GiB, never);
    expect(tight?.gpuLayers).toBe(0);
  });

  it('leaves the rest of the budget to the chat model', async () => {
    const { planner, completions } = stand(small);
    await completions.refresh();
    const machine = machineWith(8 * GiB);
    const wishes = { pins: {}, typical: { promptTokens: 3000, answerTokens: 400 } };
    const aloneLayers = planner.estimate(chat, machine, { ...wishes, vramBudgetBytes: 4 * GiB }).config
      .gpuLayers;
    const beside = { ...wishes, completion: completions.beside(chat.path) };
    const plan = planner.estimate(chat, machine, { ...beside, vramBudgetBytes: 4 * GiB });
    expect(plan.use.vram.completion).toBeGreaterThan(0.5 * GiB);
    expect(plan.use.vram.completion).toBeLessThan(1 * GiB);
    expect(totalBytes(plan.use.vram)).toBeLessThanOrEqual(4 * GiB);
    expect(plan.config.gpuLayers).toBeLessThan(aloneLayers);
  });

  it('plans nothing for the chat model itself, a file that cannot fill in, or one that is gone', async () => {
    for (const [file, main] of [
      [chat, chat],
      [plain, chat],
      [undefined, chat],
    ] as const) {
      const { completions } = stand(file);
      await completions.refresh();
      expect(completions.beside(main.path)).toBeUndefined();
      expect(await completions.plan(main.path, machineWith(12 * GiB), undefined, never)).toBeUndefined();
    }
  });

  it('counts with what a load is compared by', () => {
    const buffer = (bytes: number): LoadedBuffer => ({ name: 'CUDA0', kind: 'model', bytes, onGpu: true });
    const { planner } = stand(small);
    const machine = machineWith(8 * GiB);
    const plan = planner.estimate(chat, machine, {
      ...{ pins: {}, typical: { promptTokens: 1, answerTokens: 1 }, vramBudgetBytes: 4 * GiB },
    });
    const { path: modelPath, name, totalLayers, gpuLayers, contextSize, memory, loadMs } = loadedModel();
    const completion = {
      ...{ path: modelPath, name, totalLayers, gpuLayers, contextSize, memory, loadMs, fim: true },
      buffers: [buffer(2 * GiB)],
    };
    const model = loadedModel({
      ...{ buffers: [buffer(3 * GiB)], completion, deviceUsedBytes: { before: 0, after: 3 * GiB } },
    });
    expect(checkLoad(plan, model)).toEqual({ bufferBytes: 5 * GiB, residualBytes: 0, overBytes: GiB });
  });
});
