import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readRam } from '../src/hardware/memory';
import { realSystem } from '../src/hardware/system';
import { learnAnswer, type Corrections } from '../src/plan/correction';
import { answerRates } from '../src/planner/answerLearner';
import { machineOf } from '../src/planner/machine';
import { Planner } from '../src/planner/planner';
import { planned } from '../src/planner/loadOptions';
import { TestEngine } from '../test/support/engineHarness';
import { plannedFile } from '../test/support/plannedModels';
import { writeScriptedModel } from '../test/support/scriptedModel';
import type { Figure } from './figure';

const learnedFrom = 3;
const answerTokens = 128;
const starterPath = path.resolve('.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf');
const longScript = Array.from({ length: answerTokens * 2 }, (_, i) => `line ${i}\n`).join('');

/** How far the predicted decode rate is from the fourth answer's, after a calibration and three answers. On the CPU. */
export async function benchRates(): Promise<Figure[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'layercake-bench-'));
  const engine = await TestEngine.start('cpu');
  try {
    const scripted = path.join(folder, '1B.gguf');
    await writeScriptedModel(scripted, { shape: '1B', quant: 'Q4_0', scripts: [{ text: longScript }] });
    const calibration = await engine.client.calibrate();
    const machine = machineOf(engine.client.info, await readRam(realSystem), { calibration });
    const models = existsSync(starterPath) ? [starterPath, scripted] : [scripted];
    if (models.length === 1)
      console.error(`The starter is not at ${starterPath} (npm start gets it): left out.`);
    const figures: Figure[] = [];
    for (const model of models) figures.push(await deviation(engine, machine, model));
    return figures;
  } finally {
    await engine.client.shutdown();
    await rm(folder, { recursive: true });
  }
}

async function deviation(
  engine: TestEngine,
  machine: ReturnType<typeof machineOf>,
  model: string,
): Promise<Figure> {
  let corrections: Corrections = {};
  const planner = new Planner(
    (params) => engine.client.simulate(params),
    () => corrections,
  );
  const file = await plannedFile(model);
  const wishes = { pins: { contextSize: 2048 }, typical: { promptTokens: 512, answerTokens } };
  const plan = await planner.plan(file, machine, wishes);
  const form = { modelPath: model, mlock: false, vramBudget: null };
  await engine.client.load(planned({ ...plan.config, ...form, flashAttention: 'auto', threads: null }, plan));
  let rates = { predicted: NaN, measured: NaN };
  for (let answer = 0; answer <= learnedFrom; answer++) {
    const { result } = await engine.ask('Write a long story about a lighthouse keeper and the sea.', {
      sampling: { temperature: 0, maxTokens: answerTokens },
    });
    const told = answerRates({ plan, file, machine }, result);
    if (told.decode === undefined) throw new Error('The answer was too short to tell a rate.');
    const { decode } = planner.estimate(file, machine, wishes).rates;
    // Of the learned factor alone: both at the answer's own length.
    rates = {
      predicted: told.decode.predicted * (decode / plan.rates.decode),
      measured: told.decode.measured,
    };
    corrections = learnAnswer(corrections, file.identity, plan.config, told);
  }
  const value = Math.abs(rates.predicted / rates.measured - 1) * 100;
  const name = `decode predicted after ${learnedFrom} answers, ${path.basename(model)}, ${rates.predicted.toFixed(1)} tok/s`;
  return { name, value, unit: '% off', peer: rates.measured, bar: '≤ 15 %', pass: value <= 15 };
}
