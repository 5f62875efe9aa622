import { describe, expect, it } from 'vitest';
import { parseGgufHeader } from '../../../src/gguf/header';
import { modelBytes, parse, tensors } from './smallModel';
import type { Entries } from './ggufBytes';

describe('parseGgufHeader', () => {
  it('reads a model by its header', () => {
    const bytes = modelBytes();
    const header = parse(bytes);
    expect(header).toMatchObject({
      version: 3,
      fileSize: bytes.length,
      alignment: 32,
      dataOffset: bytes.length - 608,
      architecture: 'llama',
      name: 'Small',
      quant: 'Q8_0',
      parameters: 384,
      tensorBytes: 596,
      blockCount: 2,
      totalLayers: 3,
      trainContext: 4096,
      headCount: 4,
      kvHeadCount: 2,
      kvHeadCounts: [2, 2],
      embeddingLength: 64,
      vocabularySize: 5,
      hasChatTemplate: true,
      sampling: { temperature: 0.7, topK: 40, topP: 0.95 },
      partCount: 1,
    });
    expect(header.tensors).toEqual([
      {
        name: 'token_embd.weight',
        dimensions: [64, 5],
        type: 'Q8_0',
        elements: 320,
        bytes: 340,
        offset: 0,
        part: 0,
      },
      {
        name: 'output_norm.weight',
        dimensions: [64],
        type: 'F32',
        elements: 64,
        bytes: 256,
        offset: 352,
        part: 0,
      },
    ]);
  });

  it.each([
    ['u8', 200, 200],
    ['i8', -100, -100],
    ['u16', 60_000, 60_000],
    ['i16', -30_000, -30_000],
    ['u32', 4_000_000_000, 4_000_000_000],
    ['i32', -2_000_000_000, -2_000_000_000],
    ['f32', 0.5, 0.5],
    ['bool', true, true],
    ['string', 'Größe', 'Größe'],
    ['u64', 2 ** 53 - 1, 2 ** 53 - 1],
    ['u64', 2n ** 63n, 2n ** 63n],
    ['i64', -(2n ** 60n), -(2n ** 60n)],
    ['f64', Math.PI, Math.PI],
  ] as const)('reads a value of type %s', (type, written, read) => {
    expect(parse(modelBytes({ 'test.value': [type, written] })).metadata.get('test.value')).toBe(read);
  });

  it('keeps small arrays and the lengths of large ones', () => {
    const large = Array.from({ length: 2000 }, (_, i) => i);
    const { metadata } = parse(
      modelBytes({
        'test.small': ['array', 'i16', [1, -2, 3]],
        'test.words': ['array', 'string', ['one', 'two']],
        'test.large': ['array', 'f32', large],
        'test.manyWords': ['array', 'string', large.map(String)],
        'test.after': ['u32', 7],
      }),
    );
    expect(metadata.get('test.small')).toMatchObject({ length: 3, values: [1, -2, 3] });
    expect(metadata.get('test.words')).toMatchObject({ length: 2, values: ['one', 'two'] });
    expect(metadata.get('test.large')).toMatchObject({ length: 2000, values: undefined });
    expect(metadata.get('test.manyWords')).toMatchObject({ length: 2000, values: undefined });
    expect(metadata.get('test.after')).toBe(7);
  });

  it('keeps the length alone of a string too long to keep', () => {
    const { metadata } = parse(modelBytes({ 'test.text': ['string', 'x'.repeat(1_100_000)] }));
    expect(metadata.get('test.text')).toEqual({ kind: 'longString', length: 1_100_000 });
  });

  it('reads version 2, which has the same layout', () => {
    const bytes = modelBytes();
    bytes.writeUInt32LE(2, 4);
    expect(parse(bytes).version).toBe(2);
  });

  it('says how many bytes it needs, and reads the same in pieces as at once', () => {
    const bytes = modelBytes();
    let known = 0;
    for (let round = 0; round < 1000; round++) {
      const result = parseGgufHeader(bytes.subarray(0, known), bytes.length);
      if (result.kind === 'parsed') {
        expect(known).toBeLessThanOrEqual(bytes.length - 608);
        expect(result.value).toEqual(parse(bytes));
        return;
      }
      expect(result.atLeast).toBeGreaterThan(known);
      known = result.atLeast;
    }
    expect.fail('the parser never had enough');
  });

  it('takes heads by block, and models without attention', () => {
    const byBlock = parse(modelBytes({ 'llama.attention.head_count_kv': ['array', 'i32', [0, 2]] }));
    expect(byBlock.kvHeadCounts).toEqual([0, 2]);
    expect(byBlock.kvHeadCount).toBe(2);
    const recurrent: Record<string, Entries[number][1]> = {
      'general.architecture': ['string', 'mamba'],
      'mamba.block_count': ['u32', 2],
      'mamba.context_length': ['u32', 1024],
      'mamba.embedding_length': ['u32', 64],
      'mamba.attention.head_count': ['u32', 0],
    };
    expect(parse(modelBytes(recurrent))).toMatchObject({ architecture: 'mamba', headCount: 0 });
  });

  it('leaves out sampling defaults that cannot be meant', () => {
    const { sampling } = parse(
      modelBytes({
        'general.sampling.temp': ['f32', Number.NaN],
        'general.sampling.top_k': ['i32', -1],
        'general.sampling.top_p': ['f32', 7],
        'general.sampling.min_p': ['f32', 0.05],
      }),
    );
    expect(sampling).toEqual({ topK: 0, minP: 0.05 });
  });

  it('accepts a last tensor without the padding behind it', () => {
    const bytes = modelBytes({}, [tensors[0] ?? expect.fail()], 340);
    expect(parse(bytes).tensorBytes).toBe(340);
  });
});
