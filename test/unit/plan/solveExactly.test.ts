import { describe, expect, it } from 'vitest';
import { totalBytes, type MemoryUse } from '../../../src/plan/memory';
import { solveExactly, type LearningOracle } from '../../../src/plan/solveExactly';
import type { ModelShape } from '../../../src/plan/shape';
import type { PlanConfig, SimulatedUse } from '../../../src/protocol/engine';
import { fakeUse, GiB, machineWith, MiB, requestFor, shapeFor, sizes } from './fixtures';

/** Corrects nothing but the very configurations that it was told. */
class Remembering implements LearningOracle {
  readonly kind = 'simulated';
  private readonly points = new Map<string, SimulatedUse>();
  constructor(private readonly shape: ModelShape) {}

  knows(config: PlanConfig): boolean {
    return this.points.has(JSON.stringify(config));
  }
  learn(config: PlanConfig, use: SimulatedUse): void {
    this.points.set(JSON.stringify(config), use);
  }
  use(config: PlanConfig): MemoryUse {
    const analytic = fakeUse(this.shape, config);
    const point = this.points.get(JSON.stringify(config));
    if (point === undefined) return analytic;
    const computeBytes = point.context.vramBytes - analytic.vram.kv;
    return { ...analytic, vram: { ...analytic.vram, compute: computeBytes } };
  }
}

/** llama.cpp, as far as the test goes: `extra` bytes more than the formulas say. */
function simulator(shape: ModelShape, extra: (config: PlanConfig) => number) {
  const asked: PlanConfig[][] = [];
  const simulate = (configs: PlanConfig[]) => {
    asked.push(configs);
    return Promise.resolve(
      configs.map((config) => {
        const { vram, ram } = fakeUse(shape, config);
        return {
          weights: { ramBytes: ram.weights, vramBytes: vram.weights },
          context: { ramBytes: ram.kv + ram.compute, vramBytes: vram.kv + vram.compute + extra(config) },
        };
      }),
    );
  };
  return { asked, simulate };
}

describe('an exact plan', () => {
  const shape = shapeFor(sizes.large);
  const request = () => ({
    ...requestFor(shape, machineWith(12, 64), { vramBudgetBytes: 11.5 * GiB }),
    oracle: new Remembering(shape),
  });

  it('is simulated, and so is one layer more; the budget is held by what was simulated', async () => {
    const { simulate, asked } = simulator(shape, ({ batchSize }) => (batchSize / 512) * 40 * MiB);
    const exact = request();
    const plan = await solveExactly(exact, simulate);
    const next = { ...plan.config, gpuLayers: plan.config.gpuLayers + 1 };
    expect(exact.oracle.knows(plan.config)).toBe(true);
    expect(exact.oracle.knows(next)).toBe(true);
    expect(plan.oracle).toBe('simulated');
    expect(totalBytes(exact.oracle.use(plan.config).vram) + 300 * MiB).toBeLessThanOrEqual(11.5 * GiB);
    expect(totalBytes(exact.oracle.use(next).vram) + 300 * MiB).toBeGreaterThan(11.5 * GiB);
    expect(plan.nextLayerOverBytes).toBeGreaterThan(0);
    expect(asked.length).toBeLessThanOrEqual(7);
  });

  it('asks once where the formulas were right, and not at all the second time', async () => {
    const { simulate, asked } = simulator(shape, () => 0);
    const exact = request();
    await solveExactly(exact, simulate);
    await solveExactly(exact, simulate);
    expect(asked.map((configs) => configs.length)).toEqual([2]);
  });

  it('ends with what it knows where no round agrees with the last', async () => {
    const { simulate, asked } = simulator(shape, ({ gpuLayers }) => gpuLayers * 150 * MiB);
    const exact = request();
    const plan = await solveExactly(exact, simulate);
    expect(exact.oracle.knows(plan.config)).toBe(true);
    expect(totalBytes(plan.use.vram)).toBeLessThanOrEqual(11.5 * GiB);
    expect(plan.verdict).toBe('fits');
    expect(asked.length).toBeLessThanOrEqual(13);
  });

  it('stops where it is aborted', async () => {
    const { simulate, asked } = simulator(shape, () => 0);
    await expect(solveExactly(request(), simulate, AbortSignal.abort())).rejects.toThrow('abort');
    expect(asked).toEqual([]);
  });
});
