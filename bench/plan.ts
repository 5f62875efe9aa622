import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { totalBytes } from '../src/plan/memory';
import { Planner } from '../src/planner/planner';
import { TestEngine } from '../test/support/engineHarness';
import {
  allocatedVram,
  budgetWishes,
  plannedFile,
  quickDevice,
  vramBudgets,
} from '../test/support/plannedModels';
import { writeScriptedModel } from '../test/support/scriptedModel';
import type { Figure } from './figure';

/**
 * How well plans hold on a software Vulkan device. Each plan of a 1B and an 8B shape under twelve budgets is loaded,
 * and llama.cpp's own buffers are compared with it.
 */
export async function benchPlan(): Promise<Figure[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'layercake-bench-'));
  try {
    for (const shape of ['1B', '8B'] as const) {
      await writeScriptedModel(path.join(folder, shape), { shape, quant: 'Q4_K_M' });
    }
    return [...(await deviations(path.join(folder, '1B'))), ...(await deviations(path.join(folder, '8B')))];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function deviations(model: string): Promise<Figure[]> {
  process.env['GGML_VK_VISIBLE_DEVICES'] = '0';
  const engine = await TestEngine.start('vulkan');
  try {
    const name = `VRAM planned and allocated, ${path.basename(model)}, ${vramBudgets.length} budgets`;
    if (engine.client.info.backend !== 'vulkan') {
      console.error('There is no Vulkan device, not even a software one: no budget was tried.');
      return [{ name, value: NaN, unit: '%', peer: null, bar: '≤ 0.5 % apart', pass: null }];
    }
    const planner = new Planner((params, signal) => engine.client.simulate(params, signal));
    const file = await plannedFile(model);
    const machine = quickDevice(engine.client.info);
    let worst = 0;
    let kept = true;
    for (const vramBudgetBytes of vramBudgets) {
      const plan = await planner.plan(file, machine, { ...budgetWishes, vramBudgetBytes });
      if (plan.verdict === 'doesNotFit') continue;
      const planned = totalBytes(plan.use.vram);
      const allocated = await allocatedVram(engine, file, plan);
      worst = Math.max(worst, (Math.abs(allocated - planned) / planned) * 100);
      const nextBreaks = plan.config.gpuLayers === plan.totalLayers || (plan.nextLayerOverBytes ?? 0) > 0;
      // llama.cpp tells its buffers in hundredths of a MiB.
      kept &&= allocated <= vramBudgetBytes + 2 ** 20 / 10 && nextBreaks;
    }
    return [
      { name, value: worst, unit: '%', peer: null, bar: '≤ 0.5 % apart, kept', pass: kept && worst <= 0.5 },
    ];
  } finally {
    await engine.client.shutdown();
  }
}
