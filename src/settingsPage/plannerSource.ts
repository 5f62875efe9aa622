import type { Engine } from '../engineClient/engine';
import { advise } from '../plan/advice';
import { describeAdvice } from '../plan/adviceWords';
import type { Machine } from '../plan/machine';
import type { Plan, PlanRequest, TypicalRequest } from '../plan/plan';
import { adviseQuant } from '../plan/quantAdvice';
import { perplexityTable, publishedFigure } from '../plan/quantQuality';
import type { ModelShape } from '../plan/shape';
import { shapeOf } from '../plan/shapeOf';
import { solve } from '../plan/solve';
import type { Learned } from '../planner/machine';
import type { PlannedFile, Planner } from '../planner/planner';
import { formulasFor, planRequest } from '../planner/planRequest';
import type { Calibration, EngineState } from '../protocol/engine';
import type { HardwareView, LoadForm, ModelFileView, PlanView, QuantPlanView } from '../protocol/webview';
import type { Translate } from '../translate';
import { planningMachine } from './planningMachine';
import type { PlanSource } from './planSource';
import { viewOfPlan, viewOfQuants } from './planView';
import { wishesOf } from './planWishes';

export interface PlannerSourceDeps {
  engine: Pick<Engine, 'snapshot' | 'calibrate'>;
  planner: Pick<Planner, 'estimate' | 'plan' | 'measuredDecode'>;
  /** Reads a file's header. Rejects for one that is no good. */
  open: (modelPath: string) => Promise<PlannedFile>;
  typical: () => TypicalRequest;
  learned: () => Learned;
  keepCalibration: (calibration: Calibration) => Promise<void> | void;
  t: Translate;
}

interface Known {
  file: PlannedFile;
  shape: ModelShape;
}

const busy: ReadonlySet<EngineState['kind']> = new Set(['loading', 'prefilling', 'generating']);

/** The settings page's plans, of the planner. */
export class PlannerSource implements PlanSource {
  readonly #files = new Map<string, Known>();
  #hardware: HardwareView | undefined;
  /** As last told: it takes longer than a slider may wait. */
  #advice: { path: string; sentences: string[] } | undefined;

  constructor(private readonly deps: PlannerSourceDeps) {}

  see(hardware: HardwareView): void {
    this.#hardware = hardware;
  }

  async prepare(modelPath: string): Promise<void> {
    try {
      const file = await this.deps.open(modelPath);
      if (this.#files.get(modelPath)?.file.identity === file.identity) return;
      this.#files.set(modelPath, { file, shape: shapeOf(file.header) });
    } catch {
      // The page tells elsewhere what is wrong with the file.
      this.#files.delete(modelPath);
    }
  }

  estimate(form: LoadForm): PlanView | undefined {
    const known = this.#files.get(form.modelPath);
    const machine = this.#machine();
    if (!known || !machine) return undefined;
    const plan = this.deps.planner.estimate(known.file, machine, wishesOf(form, this.deps.typical()));
    const { path, sentences } = this.#advice ?? { path: '', sentences: [] };
    return this.#view(known, machine, plan, path === form.modelPath ? sentences : [], false);
  }

  async exact(form: LoadForm, signal: AbortSignal): Promise<PlanView | undefined> {
    const known = this.#files.get(form.modelPath);
    const before = this.#machine();
    if (!known || !before) return undefined;
    const { planner, engine, typical } = this.deps;
    // A simulation would hold an answer up.
    if (busy.has(engine.snapshot.state.kind)) return undefined;
    const wishes = wishesOf(form, typical());
    const guessed = engine.snapshot.info === undefined;
    const plan = await planner.plan(known.file, before, wishes, signal);
    if (!guessed) return this.#exactView(form, known, before, plan);
    // The simulation started the engine: now it is known what it sees.
    const machine = this.#machine() ?? before;
    const again = await planner.plan(known.file, machine, wishes, signal);
    return this.#exactView(form, known, machine, again);
  }

  quants(form: LoadForm, files: readonly ModelFileView[]): QuantPlanView[] {
    const known = this.#files.get(form.modelPath);
    const machine = this.#machine();
    if (!known || !machine) return [];
    const levels = files.flatMap(({ path, quant }) => {
      const level = this.#files.get(path);
      return level ? { name: quant, shape: level.shape } : [];
    });
    const request = this.#request(form, known.shape, machine);
    const advice = adviseQuant(request, levels, (shape) => formulasFor(shape, machine));
    // What answers taught of this file's rates is taken to hold for its other levels.
    const learned = this.deps.planner.estimate(known.file, machine, wishesOf(form, this.deps.typical()));
    const factor = learned.rates.decode / solve(request).rates.decode;
    return viewOfQuants(advice, files, (quant) => publishedFigure(perplexityTable, quant)).map((row) => ({
      ...row,
      decode: row.decode * (Number.isFinite(factor) ? factor : 1),
    }));
  }

  async calibrate(onProgress: (fraction: number) => void, signal: AbortSignal): Promise<void> {
    await this.deps.keepCalibration(await this.deps.engine.calibrate(onProgress, signal));
  }

  #machine(): Machine | undefined {
    const { engine, learned } = this.deps;
    return this.#hardware && planningMachine(this.#hardware, engine.snapshot, learned());
  }

  #exactView(form: LoadForm, known: Known, machine: Machine, plan: Plan): PlanView {
    const advice = advise(this.#request(form, known.shape, machine), plan, { oracleOf: formulasFor });
    const sentences = advice.map((each) => describeAdvice(each, this.deps.t));
    this.#advice = { path: form.modelPath, sentences };
    return this.#view(known, machine, plan, sentences, plan.oracle === 'simulated');
  }

  #view({ file }: Known, machine: Machine, plan: Plan, advice: string[], simulated: boolean): PlanView {
    const measuredDecode = this.deps.planner.measuredDecode(file, plan);
    return viewOfPlan(plan, machine, { advice, simulated, measuredDecode }, this.deps.t);
  }

  #request(form: LoadForm, shape: ModelShape, machine: Machine): PlanRequest {
    return planRequest(shape, machine, wishesOf(form, this.deps.typical()));
  }
}
