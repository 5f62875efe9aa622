import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GgufHeader } from '../../../src/gguf/model';
import { readGgufHeader } from '../../../src/gguf/readHeader';
import { analyticOracle } from '../../../src/plan/analyticOracle';
import { shapeOf } from '../../../src/plan/shapeOf';
import type { PlanConfig } from '../../../src/protocol/engine';
import { writeScriptedModel } from '../../support/scriptedModel';
import { usualConfig as config } from '../../support/planConfig';

const mib = 1024 * 1024;
let folder: string;
let header: GgufHeader;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layercake-plan-'));
  await writeScriptedModel(join(folder, '8B.gguf'), { shape: '8B', quant: 'Q4_K_M' });
  header = await readGgufHeader(join(folder, '8B.gguf'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The 8B as another architecture would describe it. */
function as(
  architecture: string,
  change: Record<string, number>,
  kvHeadCounts?: readonly number[],
): GgufHeader {
  const metadata = new Map(header.metadata);
  for (const [key, value] of [...metadata]) {
    if (key.startsWith('llama.')) metadata.set(key.replace('llama.', `${architecture}.`), value);
  }
  for (const [key, value] of Object.entries(change)) metadata.set(`${architecture}.${key}`, value);
  return { ...header, architecture, metadata, ...(kvHeadCounts !== undefined && { kvHeadCounts }) };
}

describe('the shape of a model', () => {
  it('holds every tensor once', () => {
    const shape = shapeOf(header);
    const inLayers = shape.layers.reduce((sum, layer) => sum + layer.weightBytes + layer.expertBytes, 0);
    expect(inLayers + shape.inputBytes).toBe(header.tensorBytes);
    expect(shape.layers).toHaveLength(33);
    expect(shape).toMatchObject({ totalLayers: 33, tiedOutput: false, feedForwardLength: 14_336 });
  });

  it('counts a tied embedding again for a GPU alone', () => {
    const tensors = header.tensors.filter(({ name }) => name !== 'output.weight');
    const embedding = tensors.find(({ name }) => name === 'token_embd.weight')?.bytes ?? 0;
    const tensorBytes = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
    const oracle = analyticOracle(shapeOf({ ...header, tensors, tensorBytes }), { hasGpu: true });
    expect(oracle.use(config).ram.weights).toBe(tensorBytes);
    const one = oracle.use({ ...config, gpuLayers: 1 });
    expect(one.vram.weights).toBeGreaterThanOrEqual(embedding);
    expect(one.ram.weights + one.vram.weights).toBe(tensorBytes + embedding);
  });

  it('moves the output first, then the last blocks', () => {
    const shape = shapeOf(header);
    const oracle = analyticOracle(shape, { hasGpu: true });
    const vram = (gpuLayers: number) => oracle.use({ ...config, gpuLayers }).vram;
    const weights = (gpuLayers: number) => vram(gpuLayers).weights;
    expect(weights(1)).toBe(shape.layers.at(-1)?.weightBytes);
    expect(weights(2) - weights(1)).toBe(shape.layers.at(-2)?.weightBytes);
    expect(vram(1).kv).toBe(0);
    // 1,024 values of keys and of values, 2 bytes each.
    expect(vram(2).kv).toBe(8192 * 1024 * 2 * 2);
  });
});

describe('the KV cache', () => {
  const kvMib = (described: GgufHeader, change: Partial<PlanConfig> = {}) =>
    analyticOracle(shapeOf(described), { hasGpu: false }).use({ ...config, ...change }).ram.kv / mib;

  it('grows with the context, the sequences, and the bytes of its type', () => {
    expect(kvMib(header)).toBe(1024);
    expect(kvMib(header, { contextSize: 8000 })).toBe(1024);
    expect(kvMib(header, { sequences: 2 })).toBe(2048);
    expect(kvMib(header, { kvCacheType: 'q8_0' })).toBe(544);
    expect(kvMib(header, { kvCacheType: 'q4_0' })).toBe(288);
  });

  it('holds a window and a batch where blocks slide: gemma3, five of six', () => {
    const windowed = as('gemma3', { 'attention.sliding_window': 1024 });
    const perBlock = 1024 / 32;
    // Blocks 6, 12, 18, 24 and 30 see all; 27 others keep 1,024 + 512 of 8,192 cells.
    expect(kvMib(windowed)).toBe(5 * perBlock + 27 * perBlock * (1536 / 8192));
  });

  it('takes the whole context where an architecture ignores the window that its file names', () => {
    expect(kvMib(as('phi3', { 'attention.sliding_window': 1024 }))).toBe(1024);
    expect(kvMib(as('exaone4', { 'attention.sliding_window': 1024 }))).toBe(1024);
  });

  it.each([
    ['gpt-oss', { 'attention.sliding_window': 128 }, 128, (block: number) => block % 2 === 0],
    ['gemma2', {}, 4096, (block: number) => block % 2 === 0],
    ['llama4', { 'attention.sliding_window': 4096 }, 8192, (block: number) => block % 4 !== 3],
    ['cohere2moe', { 'attention.sliding_window': 4096 }, 4096, (block: number) => block % 4 !== 0],
    ['smallthinker', { 'attention.sliding_window': 1 }, 4096, (block: number) => block % 4 !== 0],
    ['lfm2', { 'attention.sliding_window': 512 }, 512, () => true],
    [
      'gemma3',
      { 'attention.sliding_window': 512, 'attention.sliding_window_pattern': 2 },
      512,
      (block: number) => block % 2 === 0,
    ],
  ])('slides as llama.cpp does in %s', (architecture, change, window, slides) => {
    const { layers } = shapeOf(as(architecture, change));
    expect(layers.slice(0, -1).map((layer) => layer.window)).toEqual(
      Array.from({ length: 32 }, (_, block) => (slides(block) ? window : undefined)),
    );
  });

  it('slides by the flags of a file, in heads of their own width', () => {
    const described = as('gemma4', {
      ...{ 'attention.sliding_window': 512, 'attention.key_length': 512, 'attention.value_length': 512 },
      ...{ 'attention.key_length_swa': 256, 'attention.value_length_swa': 256 },
      'attention.shared_kv_layers': 8,
    });
    const values = Array.from({ length: 32 }, (_, block) => block % 6 !== 5);
    const flags = { kind: 'array', elementType: 'bool', length: 32, values } as const;
    const metadata = new Map(described.metadata).set('gemma4.attention.sliding_window_pattern', flags);
    const { layers } = shapeOf({ ...described, metadata });
    expect(layers[0]).toMatchObject({ window: 512, keyValues: 8 * 256, valueValues: 8 * 256 });
    expect(layers[5]).toMatchObject({ window: undefined, keyValues: 8 * 512 });
    // The last eight use an earlier one's.
    expect(layers[23]?.keyValues).toBe(8 * 512);
    expect(layers[24]?.keyValues).toBe(0);
  });

  it('holds the keys of one latent head alone where attention is latent', () => {
    const lengths = { 'attention.key_length': 576, 'attention.value_length': 512 };
    const one = Array.from({ length: 32 }, () => 1);
    const latent = as(
      'deepseek2',
      { ...lengths, 'attention.key_length_mla': 192, 'attention.value_length_mla': 128 },
      one,
    );
    expect(kvMib(latent)).toBe((32 * 8192 * 576 * 2) / mib);
    expect(kvMib(as('deepseek2', lengths, one))).toBe((32 * 8192 * (576 + 512) * 2) / mib);
  });

  it('has nothing for blocks that predict further tokens, whose weights stay in the file', () => {
    const { layers } = shapeOf(as('glm4moe', { nextn_predict_layers: 1 }));
    expect(layers).toHaveLength(33);
    expect(layers[31]).toMatchObject({ weightBytes: 0, keyValues: 0 });
    expect(layers[30]?.keyValues).toBe(1024);
  });

  it('is a state of fixed size in recurrent blocks: a hybrid with attention in every fourth', () => {
    const heads = Array.from({ length: 32 }, (_, block) => (block % 4 === 3 ? 8 : 0));
    const hybrid = as(
      'granitehybrid',
      { 'ssm.state_size': 128, 'ssm.inner_size': 8192, 'ssm.conv_kernel': 4, 'ssm.group_count': 1 },
      heads,
    );
    const state = 4 * (3 * (8192 + 2 * 128) + 128 * 8192);
    expect(kvMib(hybrid)).toBe(8 * (1024 / 32) + (24 * state) / mib);
    expect(kvMib(hybrid, { contextSize: 4096 })).toBe(8 * (512 / 32) + (24 * state) / mib);
  });

  const ssm = {
    ...{ 'ssm.state_size': 128, 'ssm.inner_size': 4096, 'ssm.conv_kernel': 4, 'ssm.group_count': 16 },
  };
  const ssmState = 4 * (3 * (4096 + 2 * 16 * 128) + 128 * 4096);
  it.each([
    ['mamba2', ssm, ssmState, () => false],
    ['falcon-h1', ssm, ssmState, () => true],
    ['qwen3next', ssm, ssmState, (block: number) => block % 4 === 3],
    ['qwen35', { ...ssm, full_attention_interval: 8 }, ssmState, (block: number) => block % 8 === 7],
    ['rwkv7', { 'wkv.head_size': 64 }, 4 * 4096 * (2 + 64), () => false],
    ['minimax-01', {}, 4 * 128 * 128 * 32, (block: number) => block % 8 === 7],
  ])('or both, by block, in %s', (architecture, change, state, attends) => {
    const { layers, gaps } = shapeOf(as(architecture, change));
    layers.slice(0, -1).forEach((layer, block) => {
      expect(layer.keyValues > 0).toBe(attends(block));
      expect(layer.stateBytes).toBe(attends(block) && architecture !== 'falcon-h1' ? 0 : state);
    });
    expect(gaps).toEqual(['recurrentBatch']);
  });

  it('says what it does not know of an architecture', () => {
    expect(shapeOf(header).gaps).toEqual([]);
    expect(shapeOf(as('glm-dsa', {})).gaps).toEqual(['indexCache']);
    expect(shapeOf(as('deepseek4', {})).gaps).toEqual(['cacheLayout']);
  });
});

describe('experts', () => {
  it('are a category of their own, and counted as used where time is told', () => {
    const tensors = header.tensors.map((tensor) =>
      tensor.name.includes('.ffn_') && tensor.dimensions.length > 1
        ? { ...tensor, name: tensor.name.replace('.weight', '_exps.weight') }
        : tensor,
    );
    const mixture = shapeOf({ ...as('llama', { expert_count: 8, expert_used_count: 2 }), tensors });
    const dense = shapeOf(header);
    const [sparse] = mixture.layers;
    const [full] = dense.layers;
    expect((sparse?.weightBytes ?? 0) + (sparse?.expertBytes ?? 0)).toBe(full?.weightBytes);
    const expertAdds = 3 * 4096 * 14_336;
    expect(full?.multiplyAdds).toBe((sparse?.multiplyAdds ?? 0) + expertAdds * 0.75);
    const { ram } = analyticOracle(mixture, { hasGpu: false }).use(config);
    expect(ram.experts).toBe(mixture.layers.reduce((sum, { expertBytes }) => sum + expertBytes, 0));
    expect(ram.weights + ram.experts).toBe(header.tensorBytes);
  });
});
