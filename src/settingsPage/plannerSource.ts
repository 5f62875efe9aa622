import type { Engine } from '../engineClient/engine';
import type { GgufHeader } from '../gguf/model';
import { advise } from '../plan/advice';
import { describeAdvice } from '../plan/adviceWords';
import { describeGaps } from '../plan/gapWords';
import type { Machine } from '../plan/machine';
import type { Plan, PlanRequest, TypicalRequest } from '../plan/plan';
import { adviseQuant } from '../plan/quantAdvice';
import type { ModelShape } from '../plan/shape';
import { shapeOf } from '../plan/shapeOf';
import { solve } from '../plan/solve';
import type { LevelSizes } from '../models/levelSizes';
import type { Calibrator } from '../planner/calibrator';
import type { Learned } from '../planner/machine';
import { modelsAtHand } from '../planner/modelsAtHand';
import type { PlannedFile, Planner } from '../planner/planner';
import { formulasFor, planRequest, type PlanWishes } from '../planner/planRequest';
import type { EngineState } from '../protocol/engine';
import type { HardwareView, LoadForm, ModelFileView, PlanView, QuantAdviceView } from '../protocol/webview';
import type { Translate } from '../translate';
import { planningMachine } from './planningMachine';
import type { PlanSource } from './planSource';
import { viewOfPlan, viewOfQuants, type OfferedLevel } from './planView';
import { wishesOf } from './planWishes';

export interface PlannerSourceDeps {
  engine: Pick<Engine, 'snapshot'>;
  planner: Pick<Planner, 'estimate' | 'plan' | 'measuredRates'>;
  /** Reads a file's header. Rejects for one that is no good. */
  open: (modelPath: string) => Promise<PlannedFile>;
  /** Paths of models at hand, for advice. */
  models: () => Promise<readonly string[]>;
  levelSizes: Pick<LevelSizes, 'of' | 'find'>;
  typical: () => TypicalRequest;
  /** What a second model takes beside a file. */
  beside?: (modelPath: string) => PlanWishes['completion'];
  learned: () => Learned;
  calibrator: Pick<Calibrator, 'measure'>;
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
  /** Of levels that are not at hand. */
  readonly #sizedShapes = new WeakMap<GgufHeader, ModelShape>();
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
    const plan = this.deps.planner.estimate(known.file, machine, this.#wishes(form));
    const { path, sentences } = this.#advice ?? { path: '', sentences: [] };
    return this.#view(known, machine, plan, path === form.modelPath ? sentences : [], false);
  }

  async exact(
    form: LoadForm,
    files: readonly ModelFileView[],
    signal: AbortSignal,
  ): Promise<PlanView | undefined> {
    const known = this.#files.get(form.modelPath);
    const before = this.#machine();
    if (!known || !before) return undefined;
    const { planner, engine } = this.deps;
    // A simulation would hold an answer up.
    if (busy.has(engine.snapshot.state.kind)) return undefined;
    const wishes = this.#wishes(form);
    const guessed = engine.snapshot.info === undefined;
    const plan = await planner.plan(known.file, before, wishes, signal);
    const at = { form, known, files };
    if (!guessed) return await this.#exactView(at, before, plan);
    // The simulation started the engine: now it is known what it sees.
    const machine = this.#machine() ?? before;
    const again = await planner.plan(known.file, machine, wishes, signal);
    return await this.#exactView(at, machine, again);
  }

  quants(form: LoadForm, files: readonly ModelFileView[]): QuantAdviceView | undefined {
    const known = this.#files.get(form.modelPath);
    const machine = this.#machine();
    if (!known || !machine) return undefined;
    const request = this.#request(form, known.shape, machine);
    const levels = this.#levels(known, files);
    const advice = adviseQuant(request, levels, (shape) => formulasFor(shape, machine));
    // What answers taught of this file's rates is taken to hold for its other levels.
    const learned = this.deps.planner.estimate(known.file, machine, this.#wishes(form));
    const factor = learned.rates.decode / solve(request).rates.decode;
    const corrected = advice.rows.map((row) => ({
      ...row,
      decode: row.decode * (Number.isFinite(factor) ? factor : 1),
    }));
    return viewOfQuants({ ...advice, rows: corrected }, known.shape.parameters, this.deps.t);
  }

  async findLevels(modelPath: string): Promise<boolean> {
    const known = this.#files.get(modelPath);
    const { state, runtime } = this.deps.engine.snapshot;
    // Before the engine has run, nobody knows in what; and an answer needs the cores.
    if (!known || runtime === undefined || busy.has(state.kind)) return false;
    return await this.deps.levelSizes.find(known.file);
  }

  async calibrate(onProgress: (fraction: number) => void, signal: AbortSignal): Promise<void> {
    await this.deps.calibrator.measure(onProgress, signal);
  }

  #machine(): Machine | undefined {
    const { engine, learned } = this.deps;
    return this.#hardware && planningMachine(this.#hardware, engine.snapshot, learned());
  }

  /** Files at hand first; of what llama.cpp would make of the chosen one, the levels that are not at hand. */
  #levels({ file }: Known, files: readonly ModelFileView[]): OfferedLevel[] {
    const atHand = files.flatMap(({ path, quant, sizeBytes }) => {
      const shape = this.#files.get(path)?.shape;
      return shape ? [{ name: quant, shape, path, sizeBytes }] : [];
    });
    const others = this.deps.levelSizes
      .of(file)
      .filter(({ quant }) => !files.some((each) => each.quant === quant))
      .map((header) => ({
        name: header.quant,
        shape: this.#shapeOf(header),
        path: undefined,
        sizeBytes: header.fileSize,
      }));
    return [...atHand, ...others];
  }

  #shapeOf(header: GgufHeader): ModelShape {
    const shape = this.#sizedShapes.get(header) ?? shapeOf(header);
    this.#sizedShapes.set(header, shape);
    return shape;
  }

  async #exactView(
    { form, known, files }: { form: LoadForm; known: Known; files: readonly ModelFileView[] },
    machine: Machine,
    plan: Plan,
  ): Promise<PlanView> {
    const levels = this.#levels(known, files).filter(({ path }) => path !== undefined);
    const elsewhere = (await this.deps.models()).filter((path) => !files.some((file) => file.path === path));
    const models = await modelsAtHand(elsewhere, this.deps.open);
    const request = this.#request(form, known.shape, machine);
    const advice = advise(request, plan, { oracleOf: formulasFor, levels, models });
    const sentences = advice.map((each) => describeAdvice(each, this.deps.t));
    this.#advice = { path: form.modelPath, sentences };
    return this.#view(known, machine, plan, sentences, plan.oracle === 'simulated');
  }

  #view(
    { file, shape }: Known,
    machine: Machine,
    plan: Plan,
    advice: string[],
    simulated: boolean,
  ): PlanView {
    const { planner, t } = this.deps;
    const measuredDecode = planner.measuredRates(file, plan).decode;
    const view = viewOfPlan(plan, machine, { advice, simulated, measuredDecode }, t);
    return { ...view, reason: [view.reason, ...describeGaps(plan, shape, t)].join(' ') };
  }

  #request(form: LoadForm, shape: ModelShape, machine: Machine): PlanRequest {
    return planRequest(shape, machine, this.#wishes(form));
  }

  #wishes(form: LoadForm): PlanWishes {
    return wishesOf(form, this.deps.typical(), this.deps.beside?.(form.modelPath));
  }
}
