import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { totalBytes } from '../../src/plan/memory';
import { Planner } from '../../src/planner/planner';
import { temporaryFolder } from '../support/engineHarness';
import { allocatedVram, budgetWishes, plannedFile, quickDevice, vramBudgets } from '../support/plannedModels';
import { writeScriptedModel } from '../support/scriptedModel';
import { sharedSoftwareVulkan } from '../support/softwareVulkan';

const mib = 2 ** 20;
const gib = 2 ** 30;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  for (const shape of ['1B', '1B, 32k words', '8B', '70B'] as const) {
    await writeScriptedModel(join(folder.path, shape), { shape, quant: 'Q4_K_M' });
  }
});
afterAll(() => folder.remove());

describe('twelve budgets on software Vulkan', () => {
  const vulkan = sharedSoftwareVulkan();

  it.for(['1B', '8B', '70B'])('are kept for a %s, and a layer more would break each', async (name, ctx) => {
    const engine = await vulkan(ctx);
    const planner = new Planner((params, signal) => engine.client.simulate(params, signal));
    const file = await plannedFile(join(folder.path, name));
    for (const vramBudgetBytes of vramBudgets) {
      const plan = await planner.plan(file, quickDevice(engine.client.info), {
        ...budgetWishes,
        vramBudgetBytes,
      });
      if (plan.verdict === 'doesNotFit') {
        // Not even the buffers of no layer.
        expect(plan.config.gpuLayers).toBe(0);
        continue;
      }
      expect(plan.oracle).toBe('simulated');
      expect(totalBytes(plan.use.vram)).toBeLessThanOrEqual(vramBudgetBytes);
      if (plan.config.gpuLayers < plan.totalLayers) expect(plan.nextLayerOverBytes).toBeGreaterThan(0);
    }
  });

  it('hold once the model is loaded: what llama.cpp allocates is what was planned', async (ctx) => {
    const engine = await vulkan(ctx);
    const planner = new Planner((params, signal) => engine.client.simulate(params, signal));
    const file = await plannedFile(join(folder.path, '1B, 32k words'));
    for (const [vramBudgetBytes, sequences] of [
      [0.4 * gib, 1],
      [0.75 * gib, 1],
      [0.75 * gib, 2],
      [1.4 * gib, 2],
    ] as const) {
      const plan = await planner.plan(file, quickDevice(engine.client.info), {
        ...budgetWishes,
        pins: { ...budgetWishes.pins, sequences },
        vramBudgetBytes,
      });
      expect(plan.oracle).toBe('simulated');
      expect(plan.config.sequences).toBe(sequences);
      const allocated = await allocatedVram(engine, file, plan);
      const planned = totalBytes(plan.use.vram);
      expect(Math.abs(allocated - planned)).toBeLessThanOrEqual(planned * 0.005);
      expect(allocated).toBeLessThanOrEqual(vramBudgetBytes + 0.1 * mib);
      expect(allocated).toBeGreaterThan(0);
    }
  });
});
