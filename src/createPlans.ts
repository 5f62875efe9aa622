import * as path from 'node:path';
import * as vscode from 'vscode';
import type { PlanFactsDeps } from './doctor/planFacts';
import type { Engine } from './engineClient/engine';
import { measureDisk } from './hardware/disk';
import { readHardware } from './hardware/hardwareView';
import { realSystem } from './hardware/system';
import type { VramReader } from './hardware/vram';
import type { Logger } from './log';
import { LevelSizes } from './models/levelSizes';
import { configuredModelPath, loadSettingsFor } from './models/loadSettings';
import type { Quantize } from './models/quantizeProcess';
import { totalBytes } from './plan/memory';
import type { Plan } from './plan/plan';
import { adviseQuant, type QuantAdvice, type QuantLevel } from './plan/quantAdvice';
import type { ModelShape } from './plan/shape';
import { AnswerLearner } from './planner/answerLearner';
import { Calibrator } from './planner/calibrator';
import { CompletionPlanner } from './planner/completionPlanner';
import { learnedHere } from './planner/learnedHere';
import { LearnedStore } from './planner/learnedStore';
import { PlanLoader, type PlannedLoad } from './planner/planLoader';
import { PlannedFiles } from './planner/plannedFiles';
import { Planner, type PlannedFile } from './planner/planner';
import { formulasFor, planRequest } from './planner/planRequest';
import { rememberedSimulation } from './planner/rememberedSimulation';
import { ShownPlans } from './planner/shownPlans';
import type { Calibration } from './protocol/engine';
import type { LoadForm } from './protocol/webview';
import { readRawSetting, readSetting } from './settings';
import { planningMachine } from './settingsPage/planningMachine';
import { PlannerSource } from './settingsPage/plannerSource';
import { wishesOf } from './settingsPage/planWishes';
import type { PlannedFigures } from './status/tooltip';

export interface PlanParts {
  /** The extension's storage on this machine. */
  folder: string;
  engine: Engine;
  vram: VramReader;
  /** Paths of models at hand. */
  models: () => Promise<readonly string[]>;
  quantize: Quantize;
  announce: (message: string) => void;
  log: Logger;
}

export interface Plans {
  /** Of the settings page. */
  source: PlannerSource;
  /** Those that models are loaded by. */
  loader: PlanLoader;
  /** The engine, whose answers correct the rates. */
  engine: Engine;
  calibrator: Calibrator;
  /** Of the model that the settings name, for lists. */
  shown: ShownPlans;
  /** Of the loaded model, for the status bar. */
  figures: () => PlannedFigures | undefined;
  /** What Doctor compares with. */
  facts: Omit<PlanFactsDeps, 'levels'>;
  /** The plan of a file under the present settings, by formulas: for lists. Milliseconds, and no engine is started. */
  preview: (file: PlannedFile) => Promise<Plan>;
  /** Reads a file's header, once as long as it stays the same. Rejects with `EngineError`. */
  open: (modelPath: string) => Promise<PlannedFile>;
  /** The same. Rejects with `GgufError`. */
  read: (modelPath: string) => Promise<PlannedFile>;
  /** What each level of a model that is not here would do, and which to take; by formulas. */
  advise: <Level extends QuantLevel>(
    shape: ModelShape,
    levels: readonly Level[],
  ) => Promise<QuantAdvice<Level>>;
  /** What was measured last on this machine. */
  calibration: () => Promise<Calibration | undefined>;
}

/** Plans for this window, by its engine. */
export function createPlans(parts: PlanParts): Plans {
  const { engine, vram, models, announce, log } = parts;
  const { t } = vscode.l10n;
  const store = new LearnedStore(path.join(parts.folder, 'learned.json'), log);
  const files = new PlannedFiles();
  const open = async (modelPath: string) => {
    await Promise.all([store.load(), completions.refresh()]);
    return await files.open(modelPath);
  };
  const identityOf = async (modelPath: string) => (await files.open(modelPath)).identity;
  const simulate = rememberedSimulation({ engine, store, identityOf });
  const planner = new Planner(simulate, () => store.learned.corrections);
  const completions = new CompletionPlanner({
    ...{ planner, open: (path) => files.open(path) },
    path: () => readSetting('completion.modelPath'),
  });
  const wishes = (form: LoadForm) => wishesOf(form, typical(), completions.beside(form.modelPath));
  const learned = () => learnedHere(engine.snapshot.info, store.learned);
  const machine = async () =>
    planningMachine(await readHardware(realSystem, vram, engine.snapshot), engine.snapshot, learned());
  const calibrator = new Calibrator({
    ...{ engine, store, measureDisk, log },
    modelPath: () => configuredModelPath(readRawSetting),
    atFirstLoad: () => readSetting('plan.calibrateAtFirstLoad'),
  });
  const source = new PlannerSource({
    ...{ engine, planner, calibrator, open, models, typical, learned, t },
    beside: (modelPath) => completions.beside(modelPath),
    levelSizes: new LevelSizes({ log, quantize: parts.quantize }),
  });
  let backend = readSetting('engine.backend');
  const loader = new PlanLoader({
    ...{ engine, planner, store, calibrator, open, announce, log, t, wishes },
    completion: (...asked) => completions.plan(...asked),
    machine: async (modelPath, signal) => {
      const wanted = readSetting('engine.backend');
      // A running engine would tell of the other backend's devices.
      if (wanted !== backend && engine.snapshot.info !== undefined) await engine.unload();
      backend = wanted;
      await startFor(engine, modelPath, signal);
      return await machine();
    },
  });
  const shown = new ShownPlans({
    ...{ engine, planner, open, machine, log },
    start: (modelPath, signal) => startFor(engine, modelPath, signal),
    wishes,
    current: () => loader.current,
  });
  return {
    ...{ source, loader, calibrator, shown, open },
    preview: async (file) => {
      await Promise.all([store.load(), completions.refresh()]);
      const { options } = loadSettingsFor(file.path, readRawSetting);
      return planner.estimate(file, await machine(), wishes(options));
    },
    read: async (modelPath) => {
      await store.load();
      return await files.read(modelPath);
    },
    advise: async (shape, levels) => {
      await store.load();
      const found = await machine();
      const asked = wishes(loadSettingsFor('', readRawSetting).options);
      return adviseQuant(planRequest(shape, found, asked), levels, (each) => formulasFor(each, found));
    },
    engine: new AnswerLearner({ store, current: () => loader.current }).listenTo(engine),
    figures: () => figuresOf(loader.current),
    facts: {
      ...{ planner, open, machine, models },
      wishes: (modelPath) => wishes(loadSettingsFor(modelPath, readRawSetting).options),
      current: () => loader.current?.plan,
    },
    calibration: async () => {
      await store.load();
      // Before the engine tells of its device, the newest is most likely this one's.
      return engine.snapshot.info === undefined
        ? Object.values(store.learned.calibrations).at(-1)
        : learned().calibration;
    },
  };
}

/** Asking for nothing starts the process. A file that cannot be simulated may load all the same. */
async function startFor(engine: Engine, modelPath: string, signal: AbortSignal): Promise<void> {
  try {
    await engine.simulate({ modelPath, configs: [] }, signal);
  } catch (error) {
    if (signal.aborted || engine.snapshot.info === undefined) throw error;
  }
}

/** Of llama.cpp's own buffers: the driver's share is no part of what it allocates. */
function figuresOf(load: PlannedLoad | undefined): PlannedFigures | undefined {
  return (
    load && {
      vramBytes: totalBytes(load.plan.use.vram) - load.plan.use.vram.residual,
      allocatedBytes: load.check.bufferBytes,
      decode: load.plan.rates.decode,
    }
  );
}

function typical() {
  return {
    promptTokens: readSetting('plan.promptTokens'),
    answerTokens: readSetting('plan.answerTokens'),
  };
}
