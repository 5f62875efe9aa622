import { describe, expect, it } from 'vitest';
import type { PlanRequest } from '../../../src/plan/plan';
import { SimulatedOracle } from '../../../src/plan/simulatedOracle';
import { solve } from '../../../src/plan/solve';
import { solveExactly } from '../../../src/plan/solveExactly';
import type { PlanConfig } from '../../../src/protocol/engine';
import { fakeOracle, fakeUse, GiB, machineWith, MiB, requestFor, shapeFor, sizes } from './fixtures';

/** 1,024 values of keys a token and layer: 16 bits each, 64 Ki tokens are 128 MiB. */
const shape = shapeFor(sizes.medium);
const full = 65_536;

/** A GPU that takes 128 MiB at most in one tensor, and VRAM for all of it. */
function limited(more: Partial<PlanRequest>): PlanRequest {
  const machine = machineWith(48, 64);
  const gpu = { name: 'GPU', totalBytes: 48 * GiB, freeBytes: 48 * GiB, largestTensorBytes: 128 * MiB };
  return requestFor(shape, { ...machine, gpu }, more);
}

describe('a GPU with a largest tensor', () => {
  it('takes the layers up to the very limit', () => {
    const { config, verdict } = solve(limited({ pins: { contextSize: full, kvCacheType: 'f16' } }));
    expect({ verdict, layers: config.gpuLayers }).toEqual({ verdict: 'fits', layers: 33 });
  });

  it('gets a smaller cache type where that is enough', () => {
    const { config } = solve(limited({ pins: { contextSize: 1.5 * full } }));
    expect(config).toMatchObject({ gpuLayers: 33, kvCacheType: 'q8_0' });
  });

  it('gets the output alone where no type is small enough, and there is no next layer', () => {
    const plan = solve(limited({ pins: { contextSize: full + 256, kvCacheType: 'f16' } }));
    expect(plan.config.gpuLayers).toBeLessThanOrEqual(1);
    expect(plan).toMatchObject({ nextLayerBytes: undefined, nextLayerOverBytes: undefined });
    expect(plan.verdict).not.toBe('doesNotFit');
  });

  it('refuses pinned layers, and says why', () => {
    const plan = solve(limited({ pins: { contextSize: 2 * full, kvCacheType: 'f16', gpuLayers: 20 } }));
    expect(plan).toMatchObject({
      verdict: 'doesNotFit',
      reason: { kind: 'cacheTensorTooLarge', tensorBytes: 256 * MiB, limitBytes: 128 * MiB },
    });
  });

  it('counts every sequence, and without flash attention the widest values', () => {
    const pins = { contextSize: full / 2 + 256, kvCacheType: 'f16', gpuLayers: 2 } as const;
    expect(solve(limited({ pins })).verdict).toBe('fits');
    expect(solve(limited({ pins: { ...pins, sequences: 2 } })).reason.kind).toBe('cacheTensorTooLarge');
    const uneven = {
      ...shape,
      layers: shape.layers.map((layer, i) => (i === 0 ? { ...layer, valueValues: 4096 } : layer)),
    };
    const wide = (flashAttention: boolean) =>
      solve({ ...limited({ pins: { ...pins, flashAttention } }), shape: uneven, oracle: fakeOracle(uneven) });
    expect(wide(true).verdict).toBe('fits');
    expect(wide(false).reason.kind).toBe('cacheTensorTooLarge');
  });

  it('is never simulated beyond it: llama.cpp would abort', async () => {
    const asked: PlanConfig[] = [];
    for (const pins of [
      { contextSize: 2 * full, kvCacheType: 'f16' as const },
      { contextSize: 2 * full, kvCacheType: 'f16' as const, gpuLayers: 20 },
    ]) {
      const request = limited({ pins });
      const oracle = new SimulatedOracle(request.oracle, shape);
      await solveExactly({ ...request, oracle }, (configs) => {
        asked.push(...configs);
        return Promise.resolve(
          configs.map((config) => {
            const { vram, ram } = fakeUse(shape, config);
            return {
              weights: { ramBytes: ram.weights, vramBytes: vram.weights },
              context: { ramBytes: ram.kv + ram.compute, vramBytes: vram.kv + vram.compute },
            };
          }),
        );
      });
    }
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ gpuLayers }) => gpuLayers > 1)).toEqual([]);
  });
});
