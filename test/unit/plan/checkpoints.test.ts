import { describe, expect, it } from 'vitest';
import { checkpointsOf } from '../../../src/plan/checkpoints';
import type { LayerShape } from '../../../src/plan/shape';
import { solve } from '../../../src/plan/solve';
import { machineWith, MiB, requestFor, shapeFor, sizes } from './fixtures';

const config = { contextSize: 8192, kvCacheType: 'f16' } as const;

function layers(count: number, of: (block: number) => Partial<LayerShape>): LayerShape[] {
  const none = { weightBytes: 0, expertBytes: 0, largestTensorBytes: 0, multiplyAdds: 0 };
  const empty = { ...none, keyValues: 0, valueValues: 0, window: undefined, stateBytes: 0 };
  return Array.from({ length: count }, (_, block) => ({ ...empty, ...of(block) }));
}

/** Every sixth block sees the whole context. */
const gemma = (count: number, values: number) =>
  layers(count, (block) => ({
    ...{ keyValues: values, valueValues: values },
    window: block % 6 === 5 ? undefined : 1024,
  }));

describe('checkpointsOf', () => {
  it.each([
    ['Gemma 3 27B', gemma(62, 2048), { window: 1024, bytes: 416 * MiB, most: 2 }],
    ['Gemma 3 12B', gemma(48, 2048), { window: 1024, bytes: 320 * MiB, most: 2 }],
    ['Gemma 3 4B', gemma(34, 1024), { window: 1024, bytes: 116 * MiB, most: 4 }],
    [
      'gpt-oss-20b',
      layers(24, (block) => ({
        ...{ keyValues: 512, valueValues: 512 },
        window: block % 2 === 0 ? 128 : undefined,
      })),
      { window: 128, bytes: 3 * MiB, most: 8 },
    ],
    [
      'Qwen3-Next-80B',
      layers(48, (block) =>
        block % 4 === 3 ? { keyValues: 512, valueValues: 512 } : { stateBytes: 4 * (3 * 8192 + 128 * 4096) },
      ),
      { window: 0, bytes: 75.375 * MiB, most: 6 },
    ],
  ])('of %s', (_, shape, expected) => {
    expect(checkpointsOf(shape, config)).toEqual(expected);
  });

  it('halves the windows with a cache in half the bits, and needs none of them in a context that they hold', () => {
    const shape = gemma(62, 2048);
    expect(checkpointsOf(shape, { ...config, kvCacheType: 'q8_0' }).bytes).toBe((416 * MiB * 17) / 32);
    expect(checkpointsOf(shape, { ...config, contextSize: 1024 })).toMatchObject({ window: 0, bytes: 0 });
  });

  it('counts all that may be held, of all sequences, in the RAM of a plan', () => {
    const large = shapeFor(sizes.large);
    const machine = machineWith(12, 64);
    const windowed = { ...large, layers: gemma(large.layers.length, 1024) };
    const pins = { sequences: 2, kvCacheType: 'f16' } as const;
    const { bytes, most } = checkpointsOf(windowed.layers, config);
    expect(bytes).toBeGreaterThan(0);
    expect(solve(requestFor(windowed, machine, { pins })).use.ram.checkpoints).toBe(2 * most * bytes);
    expect(solve(requestFor(large, machine, { pins })).use.ram.checkpoints).toBe(0);
  });
});
