import type { Engine } from '../engineClient/engine';
import type { Logger } from '../log';
import type { MeasuredRates } from '../plan/correction';
import type { Machine } from '../plan/machine';
import type { Plan } from '../plan/plan';
import type { LoadedModel } from '../protocol/engine';
import type { LoadForm } from '../protocol/webview';
import type { LoadCheck } from './loadCheck';
import type { PlannedLoad } from './planLoader';
import type { PlannedFile, Planner } from './planner';
import type { PlanWishes } from './planRequest';

/** A plan for the settings as they are, to be shown. */
export interface ShownPlan {
  /** loaded: by it. checking: an estimate that llama.cpp's own arithmetic is about to replace. */
  kind: 'loaded' | 'checking' | 'exact' | 'estimate';
  form: LoadForm;
  file: PlannedFile;
  plan: Plan;
  machine: Machine;
  /** With `loaded`: what it took, measured. */
  took: { model: LoadedModel; check: LoadCheck } | undefined;
  /** Of the last answer by this very plan. */
  measured: MeasuredRates;
}

export interface ShownPlansDeps {
  engine: Pick<Engine, 'snapshot'>;
  planner: Pick<Planner, 'estimate' | 'plan' | 'measuredRates'>;
  /** Reads a file's header. Rejects with `EngineError` for one that is no good. */
  open: (modelPath: string) => Promise<PlannedFile>;
  /** As a load would find it, as far as that is known without the engine. */
  machine: () => Promise<Machine>;
  /** Starts the engine. Rejects where it cannot start. */
  start: (modelPath: string, signal: AbortSignal) => Promise<void>;
  wishes: (form: LoadForm) => PlanWishes;
  /** What is loaded, as it was planned. */
  current: () => PlannedLoad | undefined;
  log: Logger;
}

/** Plans for lists and hovers: what is loaded, else an estimate at once and the exact plan after it. */
export class ShownPlans {
  constructor(private readonly deps: ShownPlansDeps) {}

  /** Ends early once `signal` aborts. Rejects for a file that is no good. */
  async *of(form: LoadForm, signal: AbortSignal): AsyncGenerator<ShownPlan, void> {
    const loaded = this.loaded(form);
    if (loaded !== undefined) {
      yield loaded;
      return;
    }
    const { open, machine, planner, wishes } = this.deps;
    const file = await open(form.modelPath);
    const found = await machine();
    const estimate = planner.estimate(file, found, wishes(form));
    const checks = !this.isAnswering;
    yield this.shown(checks ? 'checking' : 'estimate', form, file, found, estimate);
    const isOver = () => signal.aborted;
    if (!checks || isOver()) return;
    const exact = await this.exact(form, file, signal);
    if (!isOver()) yield exact ?? this.shown('estimate', form, file, found, estimate);
  }

  private loaded(form: LoadForm): ShownPlan | undefined {
    const current = this.deps.current();
    if (current === undefined || JSON.stringify(current.form) !== JSON.stringify(form)) return undefined;
    const { file, plan, machine, model, check } = current;
    return { ...this.shown('loaded', form, file, machine, plan), took: { model, check } };
  }

  /** undefined where llama.cpp could not be asked. */
  private async exact(
    form: LoadForm,
    file: PlannedFile,
    signal: AbortSignal,
  ): Promise<ShownPlan | undefined> {
    const { start, machine, planner, wishes, log } = this.deps;
    try {
      await start(form.modelPath, signal);
      // The engine tells more of the machine than was known before it ran.
      const found = await machine();
      const plan = await planner.plan(file, found, wishes(form), signal);
      return this.shown('exact', form, file, found, plan);
    } catch (error) {
      if (!signal.aborted) log.warn(`The plan is an estimate: ${String(error)}`);
      return undefined;
    }
  }

  private shown(
    kind: ShownPlan['kind'],
    form: LoadForm,
    file: PlannedFile,
    machine: Machine,
    plan: Plan,
  ): ShownPlan {
    const measured = this.deps.planner.measuredRates(file, plan);
    return { kind, form, file, plan, machine, took: undefined, measured };
  }

  /** A simulation would hold the answer up. */
  private get isAnswering(): boolean {
    const { kind } = this.deps.engine.snapshot.state;
    return kind === 'loading' || kind === 'prefilling' || kind === 'generating';
  }
}
