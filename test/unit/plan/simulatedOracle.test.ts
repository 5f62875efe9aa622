import { describe, expect, it } from 'vitest';
import { analyticOracle } from '../../../src/plan/analyticOracle';
import { totalBytes } from '../../../src/plan/memory';
import { SimulatedOracle } from '../../../src/plan/simulatedOracle';
import type { PlanConfig, SimulatedUse } from '../../../src/protocol/engine';
import { MiB, shapeFor, sizes } from './fixtures';
import { usualConfig } from '../../support/planConfig';

const shape = shapeFor(sizes.medium);
const formulas = analyticOracle(shape, { hasGpu: true });
const config = { ...usualConfig, gpuLayers: 10 };

/** What the formulas say, and so many bytes more in VRAM. */
function simulated(of: PlanConfig, more: { weights?: number; context?: number } = {}): SimulatedUse {
  const { vram, ram } = formulas.use(of);
  return {
    weights: {
      vramBytes: vram.weights + vram.experts + (more.weights ?? 0),
      ramBytes: ram.weights + ram.experts,
    },
    context: { vramBytes: vram.kv + vram.compute + (more.context ?? 0), ramBytes: ram.kv + ram.compute },
  };
}

function learned(more: { weights?: number; context?: number }, of: PlanConfig = config): SimulatedOracle {
  const oracle = new SimulatedOracle(formulas, shape);
  oracle.learn(of, simulated(of, more));
  return oracle;
}

describe('an oracle that learns what llama.cpp simulated', () => {
  it('is the formulas until then', () => {
    const oracle = new SimulatedOracle(formulas, shape);
    expect(oracle.kind).toBe('analytic');
    expect(oracle.knows(config)).toBe(false);
    expect(oracle.use(config)).toEqual(formulas.use(config));
  });

  it('tells what it was told to the byte, by category', () => {
    const oracle = learned({ weights: -3 * MiB, context: 17 * MiB });
    expect(oracle.kind).toBe('simulated');
    expect(oracle.knows(config)).toBe(true);
    const { vram, ram } = formulas.use(config);
    expect(oracle.use(config)).toEqual({
      vram: { ...vram, weights: vram.weights - 3 * MiB, compute: vram.compute + 17 * MiB },
      ram,
    });
  });

  it('keeps the cache where the rest is less than the formulas have', () => {
    const { vram } = formulas.use(config);
    const use = learned({ context: -vram.compute - 2 * MiB }).use(config);
    expect(use.vram.compute).toBe(0);
    expect(use.vram.kv).toBe(vram.kv - 2 * MiB);
  });

  it('corrects other splits of the same buffers, and by the nearest', () => {
    const oracle = learned({ context: 10 * MiB });
    const far = { ...config, gpuLayers: 30 };
    oracle.learn(far, simulated(far, { context: 30 * MiB }));
    const more = (of: PlanConfig) => totalBytes(oracle.use(of).vram) - totalBytes(formulas.use(of).vram);
    expect(more({ ...config, gpuLayers: 11 })).toBe(10 * MiB);
    expect(more({ ...config, gpuLayers: 29 })).toBe(30 * MiB);
    expect(more({ ...config, gpuLayers: 20 })).toBe(10 * MiB);
  });

  it.each([
    ['no layer', { gpuLayers: 0 }],
    ['all layers', { gpuLayers: shape.totalLayers }],
    ['another batch', { batchSize: 1024 }],
    ['another context', { contextSize: 4096 }],
    ['another cache', { kvCacheType: 'q8_0' }],
    ['other attention', { flashAttention: false }],
    ['more sequences', { sequences: 2 }],
  ] satisfies [string, Partial<PlanConfig>][])('says nothing of %s', (_, change) => {
    const other = { ...config, ...change };
    const oracle = learned({ weights: MiB, context: 10 * MiB });
    expect(oracle.knows(other)).toBe(false);
    expect(oracle.use(other)).toEqual(formulas.use(other));
  });
});
