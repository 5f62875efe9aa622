import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGgufHeader } from '../../src/gguf/readHeader';
import { LevelSizes, sizedLevels, sizeLevels } from '../../src/models/levelSizes';
import { runQuantize, type Quantize } from '../../src/models/quantizeProcess';
import type { LevelMessage } from '../../src/protocol/quantize';
import { QuantizeLibrary } from '../../src/quantize/library';
import { findLibraryFiles } from '../../src/quantize/libraryFiles';
import { requantised } from '../support/quantMixes';
import { writeScriptedModel } from '../support/scriptedModel';

const script = fileURLToPath(new URL('../../dist/quantize.mjs', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lc-quantize-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const logged: string[] = [];
const log = (message: string) => void logged.push(message);
const quantize: Quantize = (run) =>
  runQuantize({ runtime: process.execPath, script, logger: { debug: () => undefined }, ...run });
const sizes = () => new LevelSizes({ quantize, log: { info: log, warn: log } });

/** What the dry run makes of a model. */
async function sizedFrom(modelPath: string) {
  const header = await readGgufHeader(modelPath);
  const found = sizes();
  expect(await found.find({ path: modelPath, identity: modelPath, header })).toBe(true);
  return { header, levels: found.of({ identity: modelPath }) };
}

describe('sizes of quant levels, by dry run', () => {
  it('are of a 70B what the mixes of its ten levels take, to the byte, in seconds', async () => {
    const modelPath = path.join(folder, '70B-F16.gguf');
    await writeScriptedModel(modelPath, { shape: '70B', quant: 'F16' });
    const started = performance.now();
    const { header, levels } = await sizedFrom(modelPath);
    const seconds = (performance.now() - started) / 1000;
    expect(levels.map(({ quant, tensorBytes }) => [quant, tensorBytes])).toEqual(
      sizedLevels.map((level) => [level, requantised(header, level).tensorBytes]),
    );
    expect(seconds).toBeLessThan(20);
    // Nothing was written beside it.
    expect(await readdir(folder)).toEqual(['70B-F16.gguf']);
  });

  it('are the tensors of a file that is at hand at that level', async () => {
    const [from, to] = ['8B-Q8_0.gguf', '8B-Q4_K_M.gguf'].map((name) => path.join(folder, name));
    if (from === undefined || to === undefined) throw new Error('no paths');
    await writeScriptedModel(from, { shape: '8B', quant: 'Q8_0' });
    await writeScriptedModel(to, { shape: '8B', quant: 'Q4_K_M' });
    const { levels } = await sizedFrom(from);
    const wanted = await readGgufHeader(to);
    const found = levels.find(({ quant }) => quant === 'Q4_K_M');
    const bytes = (header = wanted) => header.tensors.map((tensor) => [tensor.name, tensor.bytes]);
    expect(new Map(bytes(found) as [string, number][])).toEqual(new Map(bytes() as [string, number][]));
    const ofItself = levels.find(({ quant }) => quant === 'Q8_0');
    expect(ofItself?.fileSize).toBe((await stat(from)).size);
  });

  it('are the bytes that quantising then writes', async () => {
    const modelPath = path.join(folder, 'tiny-F16.gguf');
    await writeScriptedModel(modelPath);
    const { levels } = await sizedFrom(modelPath);
    const library = new QuantizeLibrary(await findLibraryFiles(process.platform, process.arch));
    const written = path.join(folder, 'tiny-Q3_K_M.gguf');
    const outcome = library.run({ from: modelPath, fileType: 12, write: { to: written, threads: 2 } });
    expect(outcome.succeeded).toBe(true);
    const { tensorBytes, fileSize } = await readGgufHeader(written);
    expect(levels.find(({ quant }) => quant === 'Q3_K_M')).toMatchObject({ tensorBytes, fileSize });
  });
});

describe('the quantising process', () => {
  it('says why it refuses a level, and goes on', async () => {
    const modelPath = path.join(folder, 'small.gguf');
    await writeScriptedModel(modelPath);
    const messages: LevelMessage[] = [];
    await sizeLevels(quantize, modelPath, ['Q9_K', 'Q6_K'], (message) => void messages.push(message));
    expect(messages.map(({ kind, level }) => [kind, level])).toEqual([
      ['refused', 'Q9_K'],
      ['sized', 'Q6_K'],
    ]);
  });

  it('leaves the rows out, with the reason in the log, where the file is none', async () => {
    const found = sizes();
    const header = await readGgufHeader(path.join(folder, 'small.gguf'));
    const gone = { path: path.join(folder, 'gone.gguf'), identity: 'gone', header };
    logged.length = 0;
    expect(await found.find(gone)).toBe(false);
    expect(logged[0]).toContain('failed to load model');
    expect(await found.find(gone)).toBe(false);
    expect(logged).toHaveLength(sizedLevels.length);
  });

  it('rejects wrong arguments', async () => {
    const run = quantize({ arguments: ['dry-run'], onMessage: () => undefined });
    await expect(run).rejects.toThrow('badRequest: --model is missing');
  });
});
