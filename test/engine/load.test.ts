import { copyFile, stat, truncate, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultAnswer, shortAnswer } from '../support/defaultScripts';
import { TestEngine, temporaryFolder, testLoadOptions } from '../support/engineHarness';
import { writeScriptedModel } from '../support/scriptedModel';

let engine: TestEngine;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string) => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeScriptedModel(at('good.gguf'), { name: 'The good one' });
  engine = await TestEngine.start();
});

afterAll(async () => {
  await engine.client.shutdown();
  await folder.remove();
});

describe('a model', () => {
  it('is described as it was really loaded', async () => {
    const fractions: number[] = [];
    engine.states.length = 0;
    const options = { ...testLoadOptions, modelPath: at('good.gguf'), contextSize: 1024, batchSize: 256 };
    const model = await engine.client.load(options, (fraction) => fractions.push(fraction));
    expect(model).toMatchObject({
      path: at('good.gguf'),
      name: 'The good one',
      architecture: 'llama',
      quant: 'F16',
      totalLayers: 3,
      gpuLayers: 0,
      contextSize: 1024,
      trainContextSize: 8192,
      batchSize: 256,
      threads: 1,
      kvCacheType: 'f16',
      flashAttention: true,
      mmap: true,
      chatTemplate: 'JinjaTemplate',
      supportsThinking: false,
      fim: false,
    });
    const { size } = await stat(at('good.gguf'));
    expect(model.sizeBytes).toBeLessThan(size);
    expect(model.sizeBytes).toBeGreaterThan(size - 100_000);
    // Weights, and a KV cache of 1,024 cells x 2 layers x 128 values x 2 x 2 bytes.
    expect(model.memory.ramBytes).toBeGreaterThan(model.sizeBytes + 1024 * 1024);
    expect(model.memory.vramBytes).toBe(0);
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    await expect.poll(() => engine.states.map(({ kind }) => kind)).toContain('ready');
    const loading = engine.states.find(({ kind }) => kind === 'loading');
    expect(loading).toMatchObject({ modelPath: at('good.gguf') });
  });

  it('decodes with a core fewer than it reads prompts with where no number of threads is given', async () => {
    const { mathCores } = engine.client.info;
    expect(mathCores).toBeGreaterThan(0);
    const model = await engine.load(at('good.gguf'), { threads: null, prefillThreads: null });
    expect(model.threads).toBe(Math.max(1, mathCores - 1));
    expect(model.prefillThreads).toBe(mathCores);
  });

  it.each(['q8_0', 'q4_0'] as const)(
    'answers with a KV cache of %s, which takes less',
    async (kvCacheType) => {
      const wide = await engine.load(at('good.gguf'), { contextSize: 8192 });
      const narrow = await engine.load(at('good.gguf'), { contextSize: 8192, kvCacheType });
      expect(narrow.kvCacheType).toBe(kvCacheType);
      expect(narrow.memory.ramBytes).toBeLessThan(wide.memory.ramBytes - 1024 * 1024);
      expect((await engine.ask('Say it briefly')).streamed).toBe(shortAnswer);
    },
  );

  it('answers without flash attention and without mmap', async () => {
    const model = await engine.load(at('good.gguf'), { flashAttention: 'off', mmap: false });
    expect(model).toMatchObject({ flashAttention: false, mmap: false });
    expect((await engine.ask('Hello')).streamed).toBe(defaultAnswer);
  });

  it('takes at most 8,192 tokens of its context where nothing else is said', async () => {
    await writeScriptedModel(at('long.gguf'), { shape: { contextLength: 131_072 } });
    expect(await engine.load(at('long.gguf'), { contextSize: null })).toMatchObject({
      contextSize: 8192,
      trainContextSize: 131_072,
    });
    await writeScriptedModel(at('short.gguf'), { shape: { contextLength: 512 } });
    expect((await engine.load(at('short.gguf'), { contextSize: null })).contextSize).toBe(512);
  });

  it('brings its own sampling', async () => {
    await writeScriptedModel(at('sampling.gguf'), {
      metadata: {
        'general.sampling.temp': { type: 'float32', value: 0.25 },
        'general.sampling.top_k': { type: 'uint32', value: 7 },
      },
    });
    const { fileSampling } = await engine.load(at('sampling.gguf'));
    expect(fileSampling).toEqual({ temperature: 0.25, topK: 7 });
    expect((await engine.ask('Say it briefly', { sampling: {} })).streamed).toBe(shortAnswer);
  });

  it('is gone after unload', async () => {
    await engine.load(at('good.gguf'));
    await engine.client.unload();
    await expect(engine.ask('Hello')).rejects.toMatchObject({ failure: { reason: 'noModel' } });
    await expect.poll(() => engine.states.at(-1)).toEqual({ kind: 'stopped' });
  });

  it('is refused with options that llama.cpp would not survive', async () => {
    await expect(engine.load(at('good.gguf'), { contextSize: -1 })).rejects.toMatchObject({
      failure: { reason: 'badRequest' },
    });
    await expect(engine.load(at('good.gguf'), { batchSize: 0 })).rejects.toMatchObject({
      failure: { reason: 'badRequest' },
    });
  });
});

describe('thinking', () => {
  const thought = 'First I think about it at some length, word after word.';
  const text = 'Then I answer.';

  beforeAll(async () => {
    await writeScriptedModel(at('thinking.gguf'), { scripts: [{ text, thought }] });
    expect((await engine.load(at('thinking.gguf'))).supportsThinking).toBe(true);
  });

  it('is streamed as thought, and counted', async () => {
    const asked = await engine.ask('Hello');
    expect(asked).toMatchObject({ thought, streamed: text });
    expect(asked.result).toMatchObject({ thought, text, stopReason: 'end' });
    expect(asked.result.thoughtTokens).toBeGreaterThan(8);
    expect(asked.result.outputTokens).toBeGreaterThan(asked.result.thoughtTokens);
  });

  it('ends when its budget is used up', async () => {
    const asked = await engine.ask('Hello', { thinking: { mode: 'budget', tokens: 4 } });
    expect(asked.streamed).toBe(text);
    expect(asked.result.thoughtTokens).toBeGreaterThan(0);
    expect(asked.result.thoughtTokens).toBeLessThanOrEqual(5);
    expect(thought.startsWith(asked.thought)).toBe(true);
  });

  it('is left out when it is off', async () => {
    const asked = await engine.ask('Hello', { thinking: { mode: 'off' } });
    expect(asked.streamed).toBe(text);
    expect(asked.thought).toBe('');
  });
});

describe('a file that was replaced by another one', () => {
  it('is rendered by its own template', async () => {
    const scripts = [{ text: 'Plainly.' }];
    await writeScriptedModel(at('replaced.gguf'), { scripts });
    expect((await engine.load(at('replaced.gguf'))).supportsThinking).toBe(false);
    expect((await engine.ask('Hello')).streamed).toBe('Plainly.');
    await engine.client.unload();
    await writeScriptedModel(at('replaced.gguf'), { scripts: [{ text: 'Now.', thought: 'At first.' }] });
    expect((await engine.load(at('replaced.gguf'))).supportsThinking).toBe(true);
    expect(await engine.ask('Hello')).toMatchObject({ streamed: 'Now.', thought: 'At first.' });
  });
});

describe('a bad file', () => {
  const claims = (entries: bigint) => {
    const bytes = Buffer.alloc(24);
    bytes.write('GGUF');
    bytes.writeUInt32LE(3, 4);
    bytes.writeBigUInt64LE(0n, 8);
    bytes.writeBigUInt64LE(entries, 16);
    return bytes;
  };

  beforeAll(async () => {
    await writeFile(at('claims.gguf'), claims(2n ** 40n));
    await writeFile(at('text.gguf'), 'This is not a model at all, but a text of some length.');
    await copyFile(at('good.gguf'), at('half.gguf'));
    await truncate(at('half.gguf'), 1_500_000);
    await writeScriptedModel(at('abacus.gguf'), { architecture: 'abacus' });
    const number = (value: number) => ({ type: 'uint32' as const, value });
    await writeScriptedModel(at('blocks.gguf'), { metadata: { 'llama.block_count': number(0) } });
    await writeScriptedModel(at('heads.gguf'), { metadata: { 'llama.attention.head_count': number(0) } });
  });

  it.each([
    ['missing.gguf', 'modelMissing', ''],
    ['claims.gguf', 'modelMalformed', ''],
    ['text.gguf', 'modelNotGguf', ''],
    ['half.gguf', 'modelTruncated', ''],
    ['abacus.gguf', 'modelUnsupported', 'abacus'],
    ['blocks.gguf', 'modelMalformed', 'block_count'],
    ['heads.gguf', 'modelMalformed', 'heads'],
  ])('%s is refused as %s, and the loaded model stays', async (name, reason, detail) => {
    await engine.load(at('good.gguf'));
    const failure = await engine.load(at(name)).then(
      () => undefined,
      (error: unknown) => (error as { failure?: { reason: string; detail: string } }).failure,
    );
    expect(failure).toMatchObject({ reason });
    expect(failure?.detail).toContain(detail);
    expect((await engine.ask('Say it briefly')).streamed).toBe(shortAnswer);
  });

  it("that llama.cpp itself refuses is reported with llama.cpp's own line", async () => {
    // A rotary dimension that does not go with the heads: no header check of ours, an error of llama.cpp's.
    await writeScriptedModel(at('rope.gguf'), {
      metadata: { 'llama.rope.dimension_count': { type: 'uint32', value: 48 } },
    });
    await expect(engine.load(at('rope.gguf'))).rejects.toMatchObject({
      failure: { reason: 'loadFailed', detail: expect.stringContaining('n_rot') as string },
    });
    await engine.load(at('good.gguf'));
    expect((await engine.ask('Say it briefly')).streamed).toBe(shortAnswer);
  });

  it('larger than the memory is refused before it is read', async (ctx) => {
    const info = await writeScriptedModel(at('70b.gguf'), { shape: '70B', quant: 'Q4_K_M' });
    expect(info.fileBytes / 1024 ** 3).toBeCloseTo(39.6, 0);
    if (totalmem() > 28 * 1024 ** 3) ctx.skip('this machine has room for a 70B');
    const start = performance.now();
    await expect(engine.load(at('70b.gguf'))).rejects.toMatchObject({ failure: { reason: 'doesNotFit' } });
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
