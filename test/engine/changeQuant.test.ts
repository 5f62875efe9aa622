import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { offerLevels, type LevelOffers } from '../../src/changeQuant/levelOffers';
import { makeLevel, type LevelProgress } from '../../src/changeQuant/makeLevel';
import type { GgufHeader } from '../../src/gguf/model';
import { readGgufHeader } from '../../src/gguf/readHeader';
import { levelHeader, sizeLevels } from '../../src/models/levelSizes';
import { runQuantize, type Quantize } from '../../src/models/quantizeProcess';
import { Planner, type PlannedFile } from '../../src/planner/planner';
import { TestEngine } from '../support/engineHarness';
import { budgetWishes, plannedFile } from '../support/plannedModels';
import { expectedAnswer, writeScriptedModel, type ScriptedModelInfo } from '../support/scriptedModel';
import { splitModel } from '../support/splitModel';
import { starterPath } from '../support/starter';
import { translate } from '../unit/models/translate';
import { machineWith } from '../unit/plan/fixtures';

const script = fileURLToPath(new URL('../../dist/quantize.mjs', import.meta.url));
const quantize: Quantize = (run) =>
  runQuantize({ runtime: process.execPath, script, logger: { debug: () => undefined }, ...run });
const deps = { quantize, t: translate };

let folder: string;
let workFolder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lc-change-quant-'));
});
beforeEach(async () => {
  workFolder = await mkdtemp(path.join(folder, 'work-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The header that llama.cpp's dry run tells of a level. */
async function headerAt(source: PlannedFile, level: string): Promise<GgufHeader> {
  const headers: GgufHeader[] = [];
  await sizeLevels(quantize, source.path, [level], (message) => {
    if (message.kind === 'sized') headers.push(levelHeader(source.header, message));
  });
  const [header] = headers;
  if (header === undefined) throw new Error(`${level} is refused`);
  return header;
}

interface Made {
  target: string;
  predicted: GgufHeader;
  progress: LevelProgress[];
}

async function make(modelPath: string, level: string, signal = new AbortController().signal): Promise<Made> {
  const source = await plannedFile(modelPath);
  const predicted = await headerAt(source, level);
  const target = path.join(folder, `${path.basename(modelPath, '.gguf')}.${level}.gguf`);
  const progress: LevelProgress[] = [];
  const report = (each: LevelProgress) => void progress.push(each);
  await makeLevel({ source, header: predicted, workFolder, target, threads: 2 }, deps, report, signal);
  return { target, predicted, progress };
}

async function answers(modelPath: string, prompt: string): Promise<string> {
  const engine = await TestEngine.start();
  try {
    await engine.load(modelPath);
    const { streamed } = await engine.ask(prompt, { sampling: { temperature: 0, maxTokens: 300 } });
    return streamed;
  } finally {
    await engine.client.shutdown();
  }
}

describe('changing the quant', () => {
  let scripted: ScriptedModelInfo;
  beforeAll(async () => {
    scripted = await writeScriptedModel(path.join(folder, 'scripted-F16.gguf'));
  });

  it.each(['Q4_0', 'Q8_0', 'Q5_K_M'])('of an F16 to %s keeps its script to the letter', async (level) => {
    const { target, predicted, progress } = await make(scripted.path, level);
    const { quant, tensorBytes, fileSize, tensors } = await readGgufHeader(target);
    expect({ quant, tensorBytes, fileSize }).toEqual({
      quant: level,
      tensorBytes: predicted.tensorBytes,
      fileSize: predicted.fileSize,
    });
    expect((await stat(target)).size).toBe(predicted.fileSize);
    // Each tensor was told of as it was begun.
    expect(progress.map(({ index }) => index)).toEqual(tensors.map((_, index) => index + 1));
    expect(progress[0]?.fraction).toBe(0);
    expect(progress.at(-1)?.fraction).toBeGreaterThan(0.9);
    expect(await readdir(workFolder)).toEqual([]);
    expect(await answers(target, 'Say it briefly')).toBe(expectedAnswer(scripted, 'Say it briefly'));
  });

  it('of the starter, Q4_1, to Q8_0 gives a model that answers', async (ctx) => {
    const { target, predicted } = await make(starterPath(ctx), 'Q8_0');
    const { quant, tensorBytes } = await readGgufHeader(target);
    expect({ quant, tensorBytes }).toEqual({ quant: 'Q8_0', tensorBytes: predicted.tensorBytes });
    expect(await answers(target, 'Write an `add(a, b)` function in TypeScript.')).toContain('return a + b');
  });

  it('makes one file of a split model', async () => {
    const first = path.join(folder, 'split-F16-00001-of-00002.gguf');
    await splitModel(scripted.path, first);
    const { target, predicted } = await make(first, 'Q4_0');
    const { partCount, tensorBytes, fileSize } = await readGgufHeader(target);
    expect({ partCount, tensorBytes, fileSize }).toEqual({
      partCount: 1,
      tensorBytes: predicted.tensorBytes,
      fileSize: predicted.fileSize,
    });
    expect(await answers(target, 'Say it briefly')).toBe(expectedAnswer(scripted, 'Say it briefly'));
  });

  it('leaves nothing where it is cancelled', async () => {
    const large = path.join(folder, 'large-F16.gguf');
    await writeScriptedModel(large, { shape: '1B' });
    const source = await plannedFile(large);
    const header = await headerAt(source, 'Q4_0');
    const target = path.join(folder, 'large.Q4_0.gguf');
    const cancel = new AbortController();
    const job = { source, header, workFolder, target, threads: 2 };
    const report = ({ index }: LevelProgress) => {
      if (index === 3) cancel.abort();
    };
    const making = makeLevel(job, deps, report, cancel.signal);
    await expect(making).rejects.toThrow('Cancelled');
    await expect(stat(target)).rejects.toThrow('ENOENT');
    // The process is gone: nothing grows any more. Its folder goes with the job.
    const size = async () => (await stat(path.join(workFolder, 'unfinished'))).size;
    const before = await size();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await size()).toBe(before);
    expect(before).toBeLessThan(header.fileSize);
  });
});

/** By formulas, for a machine without a GPU. */
async function offersOf(modelPath: string): Promise<LevelOffers> {
  const planner = new Planner(() => Promise.reject(new Error('no engine')));
  const preview = (file: PlannedFile) =>
    Promise.resolve(planner.estimate(file, machineWith(undefined, 64), budgetWishes));
  return offerLevels(await plannedFile(modelPath), { quantize, preview, targetOf: (level) => level });
}

it('ends and takes its file along once nobody listens any more', async () => {
  const large = path.join(folder, 'orphan-F16.gguf');
  await writeScriptedModel(large, { shape: { blocks: 24, feedForward: 65_536 } });
  const options = ['--model', large, '--level', 'Q4_0', '--to', 'unfinished', '--threads', '1'];
  const child = spawn(process.execPath, [script, 'write', ...options], { cwd: workFolder, stdio: 'pipe' });
  await once(child.stdout, 'data');
  expect(await readdir(workFolder)).toEqual(['unfinished']);
  child.stdout.destroy();
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  expect(await readdir(workFolder)).toEqual([]);
});

describe('wrong input', () => {
  it('names what llama.cpp says of a model that it cannot quantise', async () => {
    const modelPath = path.join(folder, 'keyless.gguf');
    await writeScriptedModel(modelPath, { architecture: 'deepseek2' });
    const { offers, refused } = await offersOf(modelPath);
    expect(offers).toEqual([]);
    expect(refused[0]?.detail).toContain('key not found in model: deepseek2.attention.q_lora_rank');
  });

  it('is refused where tensors are aligned as llama.cpp cannot write them', async () => {
    const modelPath = path.join(folder, 'aligned.gguf');
    await writeScriptedModel(modelPath, {
      metadata: { 'general.alignment': { type: 'uint32', value: 16 } },
    });
    const { offers, refused } = await offersOf(modelPath);
    expect(offers).toEqual([]);
    expect(refused[0]?.detail).toContain('aligned to 16 bytes');
  });

  it('does not offer levels that need an importance matrix', async () => {
    const modelPath = path.join(folder, 'plain.gguf');
    await writeScriptedModel(modelPath);
    const { offers, needImportance, refused } = await offersOf(modelPath);
    expect(offers.map(({ row }) => row.name)).toContain('IQ4_XS');
    expect(offers.map(({ row }) => row.name)).not.toContain('F16');
    expect(needImportance).toContain('IQ2_M');
    expect(refused).toEqual([]);
    const said: boolean[] = [];
    await sizeLevels(quantize, modelPath, needImportance, (message) => {
      said.push(message.kind === 'sized' && message.needsImportance);
    });
    expect(said).toEqual(needImportance.map(() => true));
  });

  it('is told where the disk is full, and where it fills up meanwhile', async () => {
    const modelPath = path.join(folder, 'room-F16.gguf');
    await writeScriptedModel(modelPath);
    const source = await plannedFile(modelPath);
    const header = await headerAt(source, 'Q8_0');
    const job = { source, header, workFolder, target: path.join(folder, 'room.gguf'), threads: 1 };
    const run = (freeBytes: () => Promise<number>, with_: Quantize = quantize) =>
      makeLevel(
        job,
        { quantize: with_, t: translate, freeBytes },
        () => undefined,
        new AbortController().signal,
      );
    await expect(run(() => Promise.resolve(header.fileSize - 1))).rejects.toThrow(
      /too little room .* Q8_0 takes/,
    );
    const free = [header.fileSize, 0];
    const failing: Quantize = (each) =>
      quantize({
        ...each,
        arguments: each.arguments.map((word) => (word === 'unfinished' ? 'no/where' : word)),
      });
    await expect(run(() => Promise.resolve(free.shift() ?? 0), failing)).rejects.toThrow(/0 MiB are free/);
    await expect(run(() => Promise.resolve(header.fileSize), failing)).rejects.toThrow(
      /llama\.cpp cannot make/,
    );
  });

  it('does not name a file whose tensors are others than announced', async () => {
    const modelPath = path.join(folder, 'other-F16.gguf');
    await writeScriptedModel(modelPath);
    const source = await plannedFile(modelPath);
    const header = { ...(await headerAt(source, 'Q8_0')), quant: 'Q4_0' };
    const target = path.join(folder, 'other.gguf');
    const job = { source, header, workFolder, target, threads: 1 };
    const making = makeLevel(job, deps, () => undefined, new AbortController().signal);
    await expect(making).rejects.toThrow(/instead of Q8_0/);
    await expect(stat(target)).rejects.toThrow('ENOENT');
  });
});
