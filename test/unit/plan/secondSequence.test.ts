import { describe, expect, it } from 'vitest';
import type { PlanRequest } from '../../../src/plan/plan';
import { solve } from '../../../src/plan/solve';
import { GiB, machineWith, requestFor, shapeFor, sizes, type Dense } from './fixtures';

const medium = shapeFor(sizes.medium);

function solved(size: Dense, vramGiB: number | undefined, ramGiB: number, pins: PlanRequest['pins'] = {}) {
  const plan = (more: PlanRequest['pins']) =>
    solve(requestFor(shapeFor(size), machineWith(vramGiB, ramGiB), { pins: { ...pins, ...more } }));
  return { free: plan({}), one: plan({ sequences: 1 }), two: plan({ sequences: 2 }) };
}

describe('a second sequence', () => {
  it('is taken where the model is on the GPU with it as a whole', () => {
    const { free, one, two } = solved(sizes.medium, 12, 32);
    expect(free).toEqual(two);
    expect(free.config).toEqual({ ...one.config, sequences: 2 });
    expect(free.use.vram.kv).toBe(2 * one.use.vram.kv);
  });

  it('is taken on the CPU, where RAM is plenty', () => {
    expect(solved(sizes.small, undefined, 32).free.config.sequences).toBe(2);
  });

  it('is dropped before layers are, and the plan says how many', () => {
    const { free, one, two } = solved(sizes.medium, 4, 32);
    expect(two.verdict).toBe('fits');
    expect(two.rates.requestSeconds).toBeGreaterThan(one.rates.requestSeconds * 1.02);
    const layers = one.config.gpuLayers - two.config.gpuLayers;
    expect(layers).toBeGreaterThan(1);
    expect(free).toEqual({ ...one, oneSequence: { kind: 'layers', layers } });
  });

  it('may cost a layer of many, by which a request takes hardly longer', () => {
    const { free, one } = solved(sizes.dense64, 24, 128, { batchSize: 512 });
    expect(free.config).toMatchObject({ sequences: 2, contextSize: one.config.contextSize });
    expect(free.config.gpuLayers).toBe(one.config.gpuLayers - 1);
    expect(free.rates.requestSeconds).toBeLessThanOrEqual(one.rates.requestSeconds * 1.02);
  });

  it('is dropped before the type of the cache or the context is, or the RAM of other programs', () => {
    const plan = (availableBytes: number, contextWanted: number) => {
      const request = requestFor(medium, machineWith(undefined, 16), { contextWanted });
      const machine = { ...request.machine, ram: { totalBytes: 16 * GiB, availableBytes } };
      return solve({ ...request, machine });
    };
    // A cache of 8k at f16 is 1 GiB, one of 64k 8 GiB.
    expect(plan(10 * GiB, 8192).config).toMatchObject({ sequences: 2, kvCacheType: 'f16' });
    const short = plan(7 * GiB, 8192);
    expect(short).toMatchObject({
      verdict: 'fits',
      config: { sequences: 1, kvCacheType: 'f16', contextSize: 8192 },
      oneSequence: { kind: 'memory', bytes: GiB },
    });
    expect(plan(8 * GiB, 65_536).config).toMatchObject({ sequences: 1, contextSize: 65_536 });
  });

  it('is the person’s to decide', () => {
    const pinned = solved(sizes.medium, 4, 32, { gpuLayers: 5 });
    expect(pinned.one).toMatchObject({ config: { sequences: 1 }, oneSequence: undefined });
    const request = requestFor(medium, machineWith(4, 32), { pins: { sequences: 4 } });
    expect(solve(request)).toMatchObject({ config: { sequences: 4 }, oneSequence: undefined });
  });
});
