import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Planner } from '../src/planner/planner';
import { TestEngine } from '../test/support/engineHarness';
import { budgetWishes, plannedFile, quickDevice, vramBudgets } from '../test/support/plannedModels';
import { writeScriptedModel } from '../test/support/scriptedModel';
import { median, type Figure } from './figure';

/** Cold starts are measured so often, and the median is told. */
const starts = 5;

/** How long plans of a 40 GiB file take on this machine: with the start of the engine, and once it was planned. */
export async function benchPlanTimes(): Promise<Figure[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'layercake-bench-'));
  try {
    const model = path.join(folder, '70B');
    await writeScriptedModel(model, { shape: '70B', quant: 'Q4_K_M' });
    const command: number[] = [];
    for (let start = 0; start < starts; start++) command.push(await commandSeconds(model));
    const runs: { cold: number; warm: number; moved: number }[] = [];
    for (let start = 0; start < starts; start++) runs.push(await engineTimes(model));
    const of = (name: 'cold' | 'warm' | 'moved') => median(runs.map((run) => run[name]));
    return [
      figure('plan of a 40 GiB file by the command line', median(command), 's', 2),
      figure('plan of a 40 GiB file, cold', of('cold') / 1000, 's', 2),
      figure('plan of a 40 GiB file, warm', of('warm'), 'ms', 50),
      figure('estimate for a moved budget', of('moved'), 'ms', 50),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** From the start of `dist/plan.mjs` to its end. */
async function commandSeconds(model: string): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, [path.resolve('dist/plan.mjs'), model, '--json'], {
    stdio: 'ignore',
  });
  await once(child, 'exit');
  return (performance.now() - start) / 1000;
}

/** With a new engine, ms. */
async function engineTimes(model: string): Promise<{ cold: number; warm: number; moved: number }> {
  const start = performance.now();
  const engine = await TestEngine.start('auto');
  try {
    const planner = new Planner((params, signal) => engine.client.simulate(params, signal));
    const file = await plannedFile(model);
    const machine = quickDevice(engine.client.info);
    await planner.plan(file, machine, budgetWishes);
    const planned = performance.now();
    await planner.plan(file, machine, budgetWishes);
    const again = performance.now();
    for (const vramBudgetBytes of vramBudgets) {
      planner.estimate(file, machine, { ...budgetWishes, vramBudgetBytes });
    }
    const moved = (performance.now() - again) / vramBudgets.length;
    return { cold: planned - start, warm: again - planned, moved };
  } finally {
    await engine.client.shutdown();
  }
}

function figure(name: string, value: number, unit: string, most: number): Figure {
  return { ...{ name, value, unit, peer: null, bar: `≤ ${most} ${unit}` }, pass: value <= most };
}
