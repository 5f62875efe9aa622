import { createHash } from 'node:crypto';
import type { Engine } from '../engineClient/engine';
import { EngineError } from '../errors';
import type { Logger } from '../log';
import type { ReportLoad } from '../models/loadReport';
import { nextRung, type LadderStep, type Rung } from '../plan/ladder';
import type { Machine } from '../plan/machine';
import { totalBytes } from '../plan/memory';
import type { Plan } from '../plan/plan';
import { warnsAtLoad } from '../plan/quantQuality';
import { describeReason, gib } from '../plan/words';
import type { LoadedModel, ModelOptions, PlanConfig } from '../protocol/engine';
import type { LoadForm } from '../protocol/webview';
import type { Translate } from '../translate';
import type { Calibrator } from './calibrator';
import { deviceKey } from './deviceKey';
import { withEntry } from './learnedFile';
import type { LearnedStore } from './learnedStore';
import { checkLoad, type LoadCheck } from './loadCheck';
import { afterSteps, pinnedTo, planned, unplanned, withoutLayers } from './loadOptions';
import {
  describeHardQuant,
  describeNoCompletion,
  describeOverBudget,
  describeStep,
  type Smaller,
} from './loadWords';
import type { PlannedFile, Planner } from './planner';
import type { PlanWishes } from './planRequest';

export interface PlanLoaderDeps {
  engine: Pick<Engine, 'snapshot' | 'load'>;
  planner: Pick<Planner, 'estimate' | 'plan'>;
  store: Pick<LearnedStore, 'learned' | 'update'>;
  /** Reads a file's header before llama.cpp sees the file. Rejects with `EngineError`. */
  open: (modelPath: string) => Promise<PlannedFile>;
  /** As a load would find it, the engine started. Rejects where that cannot start. */
  machine: (modelPath: string, signal: AbortSignal) => Promise<Machine>;
  wishes: (form: LoadForm) => PlanWishes;
  /** How to load the second model beside a file, within a budget of VRAM (bytes; undefined: what is free). */
  completion?: (
    modelPath: string,
    machine: Machine,
    budgetBytes: number | undefined,
    signal: AbortSignal,
  ) => Promise<ModelOptions | undefined>;
  calibrator: Pick<Calibrator, 'beforeLoad'>;
  /** Tells the person, and waits for nothing. */
  announce: (message: string) => void;
  log: Logger;
  t: Translate;
}

/** What was planned of the loaded model, and what it took. */
export interface PlannedLoad {
  /** What was asked for. */
  form: LoadForm;
  plan: Plan;
  model: LoadedModel;
  check: LoadCheck;
  file: PlannedFile;
  machine: Machine;
}

/** A load under way. */
interface Attempt {
  form: LoadForm;
  file: PlannedFile;
  machine: Machine;
  wishes: PlanWishes;
  /** The second model, planned first: the rest of the memory is this one's. */
  completion: ModelOptions | undefined;
  /** What a descent is remembered for. */
  asked: string;
  /** Names what the load answers, for other windows that want the same. */
  wish: string;
  onProgress: (fraction: number) => void;
  signal: AbortSignal;
}

/** Of one load; each takes a sequence or a layer off. */
const mostReloads = 3;

/**
 * Loads by an exact plan, compares what llama.cpp took with it, learns the difference, and steps down where memory
 * runs out. Planning never hinders a load: where it fails, the next best is taken.
 */
export class PlanLoader {
  private last: PlannedLoad | undefined;
  /** Files whose quant level was warned of. */
  private readonly warned = new Set<string>();

  constructor(private readonly deps: PlanLoaderDeps) {}

  /** The plan of the model that is loaded, beside what was measured. */
  get current(): PlannedLoad | undefined {
    const { model } = this.deps.engine.snapshot;
    return model !== undefined && this.last !== undefined && sameLoad(this.last.model, model)
      ? this.last
      : undefined;
  }

  /** Rejects with `EngineError`, or in any way once `signal` is aborted. */
  async load(form: LoadForm, report: ReportLoad, signal: AbortSignal): Promise<LoadedModel> {
    const file = await this.deps.open(form.modelPath);
    signal.throwIfAborted();
    this.warnOfQuant(file);
    const { machine, onProgress } = await this.prepare(form, report, signal);
    const wishes = this.deps.wishes(form);
    const completion = await this.planCompletion(form, machine, wishes, signal);
    const second = completion && [completion.modelPath, completion.gpuLayers];
    const asked = JSON.stringify([wishes, machine.backend, machine.gpu?.name, ...(second ?? [])]);
    const wish = wishName(form, wishes, file, completion);
    const { served, model } = this.deps.engine.snapshot;
    // Planned anew beside the loaded model, the same wish would come to less: what another window loaded is right.
    if (served?.wish === wish && model !== undefined) return model;
    const attempt: Attempt = { form, file, machine, wishes, completion, asked, wish, onProgress, signal };
    const plan = await this.plan(attempt);
    if (plan === undefined)
      return await this.deps.engine.load(
        { ...unplanned(form, file), ...(completion && { completion }), wish },
        onProgress,
        signal,
      );
    if (plan.verdict === 'doesNotFit') this.deps.announce(describeReason(plan.reason, this.deps.t));
    return await this.withinBudget(attempt, await this.descend(attempt, plan));
  }

  /** The machine, measured before its first load. */
  private async prepare(
    { modelPath }: LoadForm,
    report: ReportLoad,
    signal: AbortSignal,
  ): Promise<Pick<Attempt, 'machine' | 'onProgress'>> {
    const { machine, calibrator } = this.deps;
    const found = await machine(modelPath, signal);
    const tried = await calibrator.beforeLoad((fraction) => report(fraction / 2, 'measuring'), signal);
    const share = tried ? 0.5 : 1;
    return {
      machine: tried ? await machine(modelPath, signal) : found,
      onProgress: (fraction) => report(1 - share + fraction * share, 'loading'),
    };
  }

  /** One that cannot be planned is left out: the model loads without it. */
  private async planCompletion(
    { modelPath }: LoadForm,
    machine: Machine,
    { vramBudgetBytes }: PlanWishes,
    signal: AbortSignal,
  ): Promise<ModelOptions | undefined> {
    try {
      return await this.deps.completion?.(modelPath, machine, vramBudgetBytes, signal);
    } catch (error) {
      signal.throwIfAborted();
      this.deps.announce(describeNoCompletion(messageOf(error), this.deps.t));
      return undefined;
    }
  }

  /** Once for each file. */
  private warnOfQuant({ header: { quant }, identity }: PlannedFile): void {
    if (!warnsAtLoad(quant) || this.warned.has(identity)) return;
    this.warned.add(identity);
    this.deps.announce(describeHardQuant(quant, this.deps.t));
  }

  /** undefined where not even formulas tell. */
  private async plan(attempt: Attempt): Promise<Plan | undefined> {
    const { file, machine, wishes, signal } = attempt;
    const { planner, log } = this.deps;
    const steps = this.remembered(attempt);
    try {
      let plan = await planner.plan(file, machine, wishes, signal);
      if (steps.length === 0) return plan;
      // It went on from what fits without the pin.
      if (plan.verdict === 'doesNotFit' && steps.some(({ kind }) => kind === 'fewerLayers')) {
        plan = await planner.plan(file, machine, withoutLayers(wishes), signal);
      }
      const config = afterSteps(plan.config, steps);
      return await planner.plan(file, machine, pinnedTo(wishes, config), signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn(`The plan is an estimate: ${messageOf(error)}`);
    }
    try {
      const plan = planner.estimate(file, machine, wishes);
      return steps.length === 0 ? plan : this.estimate(attempt, afterSteps(plan.config, steps));
    } catch (error) {
      log.error(`There is no plan: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Loads; where memory runs out, again with less, as far as the ladder goes. */
  private async descend(attempt: Attempt, planned: Plan): Promise<PlannedLoad> {
    const steps: LadderStep[] = [];
    let plan = planned;
    for (;;) {
      try {
        const load = await this.loadOnce(attempt, plan);
        if (steps.length > 0) await this.remember(attempt, steps);
        return load;
      } catch (error) {
        const place = plan.config.gpuLayers === 0 ? 'ram' : 'unknown';
        const next =
          attempt.signal.aborted || !ranOut(error, plan)
            ? undefined
            : nextRung(plan.config, { place }, steps);
        if (next === undefined) throw error;
        const rung = this.farEnough(attempt, plan, next);
        this.deps.announce(describeStep(rung.step, this.deps.t));
        steps.push(rung.step);
        plan = this.estimate(attempt, rung.config);
      }
    }
  }

  /** Pinned far beyond the budget, a tenth of the layers less would not do: what fits without the pin is known. */
  private farEnough({ file, machine, wishes }: Attempt, plan: Plan, rung: Rung): Rung {
    const { step } = rung;
    if (step.kind !== 'fewerLayers' || plan.verdict !== 'doesNotFit') return rung;
    const { config } = this.deps.planner.estimate(file, machine, withoutLayers(wishes));
    return config.gpuLayers < step.to ? { config, step: { ...step, to: config.gpuLayers } } : rung;
  }

  /** Takes off the second sequence, then layers, until what was measured keeps to the budget. Pins stay. */
  private async withinBudget(attempt: Attempt, first: PlannedLoad): Promise<LoadedModel> {
    let load = first;
    for (let reload = 0; reload < mostReloads; reload++) {
      const { plan, check } = load;
      if (check.overBytes === 0 || plan.verdict === 'doesNotFit') break;
      const less = smaller(plan.config, attempt.wishes);
      if (less === undefined) break;
      this.deps.announce(describeOverBudget(check.overBytes, less, this.deps.t));
      load = await this.descend(attempt, this.estimate(attempt, { ...plan.config, ...less }));
    }
    return load.model;
  }

  private async loadOnce(
    { form, file, machine, completion, wish, onProgress, signal }: Attempt,
    plan: Plan,
  ): Promise<PlannedLoad> {
    const { engine, log } = this.deps;
    const { config } = plan;
    const vram = totalBytes(plan.use.vram);
    log.info(
      `Plan (${plan.oracle}): ${config.gpuLayers} of ${plan.totalLayers} layers, context ${config.contextSize}, ` +
        `batch ${config.batchSize}, KV ${config.sequences} × ${config.kvCacheType}, VRAM ${gib(vram)} of ${gib(plan.vramBudgetBytes)}`,
    );
    const options = { ...planned(form, plan), ...(completion && { completion }), wish };
    const model = await engine.load(options, onProgress, signal);
    if (model.completionFailure !== undefined) {
      this.deps.announce(describeNoCompletion(model.completionFailure.detail, this.deps.t));
    }
    const check = checkLoad(plan, model);
    log.info(
      `VRAM of llama.cpp's buffers: planned ${gib(vram - plan.use.vram.residual)}, measured ${gib(check.bufferBytes)}`,
    );
    this.last = { form, plan, model, check, file, machine };
    await this.learnResidual(check);
    return this.last;
  }

  private async learnResidual({ residualBytes }: LoadCheck): Promise<void> {
    const { info } = this.deps.engine.snapshot;
    if (info === undefined || residualBytes === undefined) return;
    await this.deps.store.update(({ residuals }) => ({
      residuals: withEntry(residuals, deviceKey(info), residualBytes),
    }));
  }

  private estimate({ file, machine, wishes }: Attempt, config: PlanConfig): Plan {
    const plan = this.deps.planner.estimate(file, machine, pinnedTo(wishes, config));
    // Where it is over the budget the solver keeps to the pins all the same.
    return { ...plan, config };
  }

  private remembered({ file, asked }: Attempt): readonly LadderStep[] {
    const { descents } = this.deps.store.learned;
    const descent = Object.hasOwn(descents, file.identity) ? descents[file.identity] : undefined;
    return descent?.asked === asked ? descent.steps : [];
  }

  private async remember(attempt: Attempt, taken: readonly LadderStep[]): Promise<void> {
    const steps = [...this.remembered(attempt), ...taken];
    const { file, asked } = attempt;
    await this.deps.store.update(({ descents }) => ({
      descents: withEntry(descents, file.identity, { asked, steps }),
    }));
  }
}

/** The same for windows that ask for the same file with the same settings. */
function wishName(
  form: LoadForm,
  wishes: PlanWishes,
  { identity }: PlannedFile,
  completion: ModelOptions | undefined,
): string {
  return createHash('sha256')
    .update(JSON.stringify([form, wishes, identity, completion?.modelPath]))
    .digest('base64url')
    .slice(0, 16);
}

/** The next smaller configuration in VRAM; undefined where pins leave none. */
function smaller({ sequences, gpuLayers }: PlanConfig, { pins }: PlanWishes): Smaller | undefined {
  if (sequences > 1 && pins.sequences === undefined) return { sequences: 1 };
  return gpuLayers > 0 && pins.gpuLayers === undefined ? { gpuLayers: gpuLayers - 1 } : undefined;
}

/** Whether less of it may help. Where the solver found nothing that fits RAM, it has tried less already. */
function ranOut(error: unknown, { verdict, reason }: Plan): boolean {
  if (verdict === 'doesNotFit' && reason.kind === 'overRam') return false;
  if (EngineError.is(error, 'doesNotFit')) return true;
  return EngineError.is(error, 'crashed') && error.failure.restarts === undefined;
}

/** After a crash the engine loads again as it did before. */
function sameLoad(a: LoadedModel, b: LoadedModel): boolean {
  return (
    a.path === b.path &&
    a.gpuLayers === b.gpuLayers &&
    a.contextSize === b.contextSize &&
    a.batchSize === b.batchSize &&
    a.sequences === b.sequences &&
    a.kvCacheType === b.kvCacheType
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
