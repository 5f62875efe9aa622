import { describe, expect, it } from 'vitest';
import { GgufError, type GgufErrorReason } from '../../../src/gguf/ggufError';
import { parseGgufHeader } from '../../../src/gguf/header';
import { file, header, text, u32, u64, type Entries, type TensorSpec } from './ggufBytes';
import { dataBytes, entries, modelBytes, parse, tensors } from './smallModel';

function refusal(bytes: Uint8Array, fileSize = bytes.length): GgufError {
  try {
    parseGgufHeader(bytes, fileSize);
  } catch (error) {
    if (GgufError.is(error)) return error;
    throw error;
  }
  return expect.fail('the file was taken');
}

function expectRefusal(bytes: Uint8Array, reason: GgufErrorReason, detail: RegExp): void {
  const error = refusal(bytes);
  expect([error.reason, error.detail]).toEqual([reason, expect.stringMatching(detail)]);
}

const [embedding, norm] = tensors as [TensorSpec, TensorSpec];

describe('a file that is no model', () => {
  it('is told from one', () => {
    expectRefusal(Buffer.from('PK\u0003\u0004 and so on'), 'modelNotGguf', /does not begin with "GGUF"/);
    expectRefusal(Buffer.alloc(0), 'modelNotGguf', /0 bytes/);
    expectRefusal(Buffer.from('GG'), 'modelNotGguf', /2 bytes/);
  });

  it.each([
    [0, 'modelMalformed', /version 0/],
    [1, 'modelUnsupported', /version 1/],
    [4, 'modelUnsupported', /newer than version 3/],
    [0x03000000, 'modelUnsupported', /big-endian/],
  ] as const)('of version %i is refused in words', (version, reason, detail) => {
    expectRefusal(header(entries, tensors, { version }), reason, detail);
  });

  it.each([
    [{ 'general.architecture': ['string', 'llama99'] }, /"llama99" is unknown/],
    [{ 'general.architecture': ['string', 'clip'] }, /projector/],
    [{ 'general.type': ['string', 'mmproj'] }, /projector/],
    [{ 'general.type': ['string', 'adapter'] }, /LoRA/],
    [{ 'general.type': ['string', 'imatrix'] }, /importance matrix/],
  ] as const)('of another kind is named: %j', (change, detail) => {
    expectRefusal(modelBytes(change), 'modelUnsupported', detail);
  });

  it('has weights', () => {
    expectRefusal(modelBytes({}, [], 0), 'modelUnsupported', /no weights/);
  });
});

describe('claims beyond any sense', () => {
  it('of entries and tensors end at once', () => {
    expectRefusal(
      header([], [], { entryCount: 2n ** 40n }),
      'modelMalformed',
      /claims 1099511627776 entries/,
    );
    expectRefusal(header([], [], { tensorCount: 2n ** 63n }), 'modelMalformed', /tensors/);
    expectRefusal(header([], [], { entryCount: 100 }), 'modelTruncated', /the file has 24/);
  });

  it.each(['u8', 'string'] as const)('of the length of an array of %s end at once', (element) => {
    const type = element === 'u8' ? 0 : 8;
    const claim = (length: bigint) => Buffer.concat([u32(9), u32(type), u64(length)]);
    expectRefusal(modelBytes({ 'test.array': claim(2n ** 62n) }), 'modelMalformed', /claims more than/);
    expectRefusal(modelBytes({ 'test.array': claim(2n ** 20n) }), 'modelTruncated', /needs \d+ bytes/);
  });

  it('of the length of a key or a string end at once', () => {
    const longKey = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(0), u64(1), u64(2 ** 30)]);
    expectRefusal(longKey, 'modelMalformed', /key of entry 0 claims 1073741824 bytes/);
    expectRefusal(
      modelBytes({ 'test.text': Buffer.concat([u32(8), u64(2n ** 50n)]) }),
      'modelMalformed',
      /claims more than/,
    );
  });

  it('are held to the real size of the file, not to what was read of it', () => {
    const claim = Buffer.concat([u32(9), u32(0), u64(1_000_000)]);
    const bytes = header([['test.array', claim]], []);
    expect(parseGgufHeader(bytes, 2_000_000)).toEqual({
      kind: 'needBytes',
      atLeast: bytes.length + 1_000_000,
    });
    expect(refusal(bytes, 500_000).reason).toBe('modelTruncated');
  });
});

describe('entries', () => {
  it.each<[string, Entries, RegExp]>([
    ['a key twice', [...entries, ['general.name', ['u32', 1]]], /"general.name" stands .* twice/],
    ['an empty key', [...entries, ['', ['u32', 1]]], /is empty/],
    ['an unknown value type', [...entries, ['test.x', u32(13)]], /unknown value type 13/],
    ['an array of arrays', [...entries, ['test.x', ['array', 'array', []]]], /array of arrays/],
    ['an alignment of 0', [...entries, ['general.alignment', ['u32', 0]]], /power of two/],
    ['an alignment of 48', [...entries, ['general.alignment', ['u32', 48]]], /power of two/],
    ['an alignment of 2³¹', [...entries, ['general.alignment', ['u32', 2 ** 31]]], /alignment is 2147483648/],
    ['no architecture', entries.slice(1), /general.architecture is missing/],
  ])('with %s are refused', (_, list, detail) => {
    expectRefusal(file(header(list, tensors), dataBytes), 'modelMalformed', detail);
  });

  it.each([
    [{ 'llama.block_count': ['u32', 0] }, /block_count is 0/],
    [{ 'llama.block_count': ['u32', 513] }, /block_count is 513/],
    [{ 'llama.block_count': ['u32', 4_000_000_000] }, /block_count is 4000000000/],
    [{ 'llama.block_count': undefined }, /block_count is missing/],
    [{ 'llama.block_count': ['string', '2'] }, /block_count is missing or no number/],
    [{ 'llama.context_length': ['u32', 0] }, /context_length is 0/],
    [{ 'llama.embedding_length': ['u32', 0] }, /embedding_length is 0/],
    [{ 'llama.attention.head_count': ['u32', 0] }, /no attention heads/],
    [{ 'llama.attention.head_count': undefined }, /no attention heads|0 heads/],
    [{ 'llama.attention.head_count_kv': ['u32', 0] }, /no attention heads/],
    [{ 'llama.attention.head_count_kv': ['u32', 3] }, /block 0 has 4 heads over 3/],
    [{ 'llama.rope.scaling.type': ['string', 'wrong'] }, /rope.scaling.type/],
    [{ 'llama.nextn_predict_layers': ['u32', 3] }, /nextn_predict_layers is 3/],
    [{ 'llama.expert_count': ['u32', 8] }, /experts do not add up/],
    [{ 'llama.expert_count': ['u32', 2000], 'llama.expert_used_count': ['u32', 2] }, /experts/],
    [{ 'llama.expert_count': ['u32', 8], 'llama.expert_used_count': ['u32', 9] }, /experts/],
    [{ 'llama.expert_used_count': ['u32', 2] }, /experts/],
  ] as const)('that abort llama.cpp are refused: %j', (change, detail) => {
    expectRefusal(modelBytes(change), 'modelMalformed', detail);
  });

  it('with experts that add up are taken', () => {
    const bytes = modelBytes({ 'llama.expert_count': ['u32', 8], 'llama.expert_used_count': ['u32', 2] });
    expect(parse(bytes).blockCount).toBe(2);
  });

  it('with a word twice in the vocabulary are refused, with the word', () => {
    const words = Array.from({ length: 5000 }, (_, i) => `word ${i}`);
    words[4321] = 'word 17';
    expectRefusal(
      modelBytes({ 'tokenizer.ggml.tokens': ['array', 'string', words] }),
      'modelMalformed',
      /"word 17" twice, the second time as token 4321/,
    );
  });

  it('with a vocabulary built to collide are refused before they cost time', () => {
    const words = collidingWords(9);
    expect(new Set(words).size).toBe(512);
    expectRefusal(
      modelBytes({ 'tokenizer.ggml.tokens': ['array', 'string', words] }),
      'modelMalformed',
      /built to collide/,
    );
  });
});

describe('tensors', () => {
  it.each<[string, readonly TensorSpec[], RegExp]>([
    ['of one name', [embedding, { ...norm, name: embedding.name }], /two tensors are named/],
    ['of five dimensions', [{ ...embedding, dimensions: [64, 1, 1, 1, 5] }], /5 dimensions/],
    ['of an unknown type', [{ ...embedding, type: 99 }], /unknown type 99/],
    ['with broken rows', [{ ...embedding, dimensions: [63, 5] }], /no multiple of 32/],
    ['beyond any memory', [{ ...embedding, dimensions: [2n ** 40n, 2n ** 40n] }], /impossible size/],
    ['with a negative length', [{ ...embedding, dimensions: [2n ** 63n] }], /impossible size/],
    ['with a long name', [{ ...embedding, name: 'x'.repeat(64) }], /name of tensor 0 claims 64 bytes/],
    ['with a NUL in the name', [{ ...embedding, name: 'a\0b' }], /NUL/],
    ['that overlap', [embedding, { ...norm, offset: 320 }], /begins at 320 .* instead of 352/],
    ['with a gap', [embedding, { ...norm, offset: 384 }], /begins at 384/],
    ['outside of the file', [embedding, { ...norm, offset: 2n ** 60n }], /begins at/],
  ])('%s are refused', (_, list, detail) => {
    expectRefusal(modelBytes({}, list), 'modelMalformed', detail);
  });

  it('of a type that llama.cpp has dropped are named', () => {
    expectRefusal(modelBytes({}, [{ ...embedding, type: 31 }]), 'modelUnsupported', /Q4_0_4_4/);
  });

  it('that end beyond the file mean that it is cut short', () => {
    const bytes = modelBytes();
    expectRefusal(
      bytes.subarray(0, bytes.length - 300),
      'modelTruncated',
      /tensors need \d+ bytes, the file has/,
    );
    expectRefusal(bytes.subarray(0, bytes.length - 1), 'modelTruncated', /tensors need/);
  });
});

describe('any damage', () => {
  it('by cutting gives a GgufError at each length', () => {
    const bytes = modelBytes();
    for (let length = 0; length < bytes.length; length++) {
      const error = refusal(bytes.subarray(0, length));
      expect(error.reason).toBe(length < 4 ? 'modelNotGguf' : 'modelTruncated');
    }
  });

  it('by flipped bytes gives a header or a GgufError, soon', () => {
    const random = seeded(20_261_124);
    const whole = modelBytes({ 'test.words': ['array', 'string', ['one', 'two', 'three']] });
    let refused = 0;
    const started = performance.now();
    for (let round = 0; round < 4000; round++) {
      const bytes = Buffer.from(whole);
      for (let flips = 1 + (random() % 4); flips > 0; flips--) {
        bytes[random() % (bytes.length - dataBytes)] = random() % 256;
      }
      try {
        parse(bytes);
      } catch (error) {
        if (!GgufError.is(error)) throw error;
        expect(error.detail.length).toBeLessThan(400);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1000);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('of an entry never shows a hostile key at full length', () => {
    const key = 'k'.repeat(60_000);
    const error = refusal(
      file(header([...entries, [key, Buffer.concat([u32(77), text('x')])]], tensors), 608),
    );
    expect(error.detail.length).toBeLessThan(200);
  });
});

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return (value ^ (value >>> 14)) >>> 0;
  };
}

function fnv(state: number, piece: string): number {
  let value = state;
  for (let i = 0; i < piece.length; i++) value = Math.imul(value ^ piece.charCodeAt(i), 0x01000193);
  return value;
}

/** 2ⁿ words of equal FNV-1a: for each step two pieces that lead from one state to the same next one. */
function collidingWords(steps: number): string[] {
  let state = 0x811c9dc5;
  let words = [''];
  for (let step = 0; step < steps; step++) {
    const seen = new Map<number, string>();
    for (let i = 0; ; i++) {
      const piece = (Math.imul(i, 0x9e3779b1) >>> 0).toString(36).padStart(8, '0');
      const next = fnv(state, piece);
      const twin = seen.get(next);
      seen.set(next, piece);
      if (twin === undefined) continue;
      words = words.flatMap((word) => [word + twin, word + piece]);
      state = next;
      break;
    }
  }
  return words;
}
