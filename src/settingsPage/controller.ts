import type { Engine, EngineSnapshot } from '../engineClient/engine';
import { CancelledError } from '../errors';
import type { FailureContext } from '../failureWords';
import type { Logger } from '../log';
import { engineView } from '../models/engineView';
import { loadSettingsFor } from '../models/loadSettings';
import type { ReportLoad } from '../models/loadReport';
import type { ModelLoader } from '../models/modelLoader';
import { saveLoadForm, type WriteSetting } from '../models/saveLoadSettings';
import type { EngineFailure } from '../protocol/engine';
import type {
  HardwareView,
  LoadForm,
  SettingsCommand,
  SettingsEvent,
  SettingsSnapshot,
} from '../protocol/webview';
import { describeSettingProblem } from '../settingsParse';
import type { Translate } from '../translate';
import { formProblems, parseSettingsCommand } from './command';
import { Inspections, type InspectionDeps } from './inspections';
import { LivePlan } from './livePlan';
import type { PlanSource } from './planSource';

export interface SettingsPageDeps extends InspectionDeps {
  engine: Pick<Engine, 'snapshot' | 'onDidChange'>;
  loader: Pick<ModelLoader, 'configuredPath' | 'load'>;
  plans: PlanSource;
  write: WriteSetting;
  hardware: () => Promise<HardwareView>;
  describeFailure: (failure: EngineFailure) => { message: string };
  /** undefined for a cancel. */
  describeError: (error: unknown, context: FailureContext) => { message: string } | undefined;
  /** The dialog for one file; undefined where the person cancelled. */
  browse: (current: string | undefined) => Promise<string | undefined>;
  /** Commands that the page only passes on. */
  run: (command: 'testEngine' | 'openSettingsJson' | 'showLog') => void;
  log: Logger;
  t: Translate;
}

/** Work that takes a while, of which there is one at a time. */
interface Work {
  kind: 'applying' | 'calibrating';
  fraction: number;
  measuring: boolean;
  abort: AbortController;
}

/** The settings page's side in the extension: whole snapshots out, checked commands in. One for each open page. */
export class SettingsController {
  #work: Work | undefined;
  #applyProblem: string | undefined;
  readonly #inspections: Inspections;
  #hardware: HardwareView | undefined;
  #sending: Promise<void> = Promise.resolve();
  #stale = false;
  #disposed = false;
  readonly #subscription: { dispose(): void };
  #seen = '';
  readonly #plan: LivePlan;
  /** What the page is editing, where that is not what is saved. */
  #edited: LoadForm | undefined;
  /** What the last plan of a snapshot went by. */
  #plannedFor = '';

  constructor(
    private readonly deps: SettingsPageDeps,
    private readonly post: (event: SettingsEvent) => void,
  ) {
    const { plans, log } = deps;
    this.#inspections = new Inspections(deps, (error, path) => this.#words(error, path));
    this.#plan = new LivePlan(plans, async (path) => (await this.#inspections.of(path)).quants, post, log);
    this.#subscription = deps.engine.onDidChange((snapshot) => this.#engineChanged(snapshot));
  }

  /** Takes a message of the page, of whatever shape. Never throws. */
  async handle(message: unknown): Promise<void> {
    const command = parseSettingsCommand(message);
    if (!command) {
      this.deps.log.warn('The settings page sent a message of an unknown shape.');
      this.#fail(this.deps.t('The page sent values that cannot be read. Nothing was changed.'));
      return;
    }
    try {
      await this.#run(command);
    } catch (error) {
      this.#report(error);
    }
  }

  /** Sends a snapshot soon; several calls in a row send one. */
  refresh(): void {
    if (this.#stale || this.#disposed) return;
    this.#stale = true;
    this.#sending = this.#sending.then(async () => {
      this.#stale = false;
      try {
        const snapshot = await this.#snapshot();
        if (this.#disposed) return;
        this.post(snapshot);
        this.#planFor(snapshot);
      } catch (error) {
        this.#logError(error);
      }
    });
  }

  /** What plans go by may be among them. */
  settingsChanged(): void {
    this.#plannedFor = '';
    this.refresh();
  }

  /** Reads cards and RAM again, and sends them. */
  refreshHardware(): void {
    this.#hardware = undefined;
    this.refresh();
  }

  /** Settles once what `refresh` promised has been sent. */
  get settled(): Promise<void> {
    return this.#sending;
  }

  dispose(): void {
    this.#disposed = true;
    this.#plan.cancel();
    if (this.#work?.kind === 'calibrating') this.#work.abort.abort();
    this.#subscription.dispose();
  }

  async #run(command: SettingsCommand): Promise<void> {
    switch (command.kind) {
      case 'ready':
        this.#inspections.forgetAll();
        this.#edited = undefined;
        this.#plannedFor = '';
        this.refreshHardware();
        return;
      case 'browse': {
        const path = await this.deps.browse(this.deps.loader.configuredPath());
        if (path !== undefined) await this.#inspectFor(path);
        return;
      }
      case 'inspect':
        await this.#inspectFor(command.path);
        return;
      case 'apply':
        await this.#apply(command.form, command.perModel);
        return;
      case 'cancelApply':
      case 'cancelCalibrate':
        this.#work?.abort.abort();
        return;
      case 'plan':
        this.#planEdited(command.form);
        return;
      case 'calibrate':
        await this.#calibrate();
        return;
      case 'testEngine':
      case 'openSettingsJson':
      case 'showLog':
        this.deps.run(command.kind);
    }
  }

  async #inspectFor(path: string): Promise<void> {
    const inspection = await this.#inspections.again(path);
    if (!this.#disposed) this.post({ kind: 'inspected', path, ...inspection });
  }

  async #apply(form: LoadForm, perModel: boolean): Promise<void> {
    if (this.#work) return;
    const problem = formProblems(form)[0];
    if (problem || form.modelPath.trim() === '') {
      this.#fail(
        problem
          ? describeSettingProblem(problem, this.deps.t)
          : this.deps.t('No model is chosen yet. Choose a GGUF file first.'),
      );
      return;
    }
    this.#edited = undefined;
    await this.#doWork('applying', form.modelPath, async (onProgress, signal) => {
      // A file that is no good leaves the settings as they are.
      await this.deps.inspect(form.modelPath);
      await saveLoadForm(form, perModel, this.deps.read, this.deps.write);
      this.refresh();
      await this.deps.loader.load({ quiet: true, signal, onProgress });
    });
  }

  async #calibrate(): Promise<void> {
    if (this.#work) return;
    await this.#doWork('calibrating', undefined, (onProgress, signal) =>
      this.deps.plans.calibrate((fraction) => onProgress(fraction, 'measuring'), signal),
    );
  }

  /** Shows the page that work goes on, how far it is, and why it failed. */
  async #doWork(
    kind: Work['kind'],
    modelPath: string | undefined,
    run: (report: ReportLoad, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const abort = new AbortController();
    const progress: ReportLoad = (fraction, step) => {
      this.#work = { kind, fraction, measuring: step === 'measuring', abort };
      this.refresh();
    };
    this.#applyProblem = undefined;
    this.#plan.cancel();
    progress(0, 'loading');
    try {
      await run(progress, abort.signal);
    } catch (error) {
      this.#report(error, modelPath);
    } finally {
      this.#work = undefined;
      this.#plannedFor = '';
      this.refreshHardware();
    }
  }

  #planEdited(form: LoadForm): void {
    if (this.#work || formProblems(form).length > 0) return;
    this.#edited = form;
    void this.#plan.ask(form);
  }

  /** The plan of a snapshot: of what is being edited, else of what is saved; once for each state of the machine. */
  #planFor({ saved, hardware, engine, file }: SettingsSnapshot): void {
    if (this.#work) return;
    if (this.#edited && JSON.stringify(this.#edited) === JSON.stringify(saved)) this.#edited = undefined;
    const form = this.#edited ?? (file && saved);
    const now = JSON.stringify([form, hardware, engine.model?.path]);
    if (!form || now === this.#plannedFor) return;
    this.#plannedFor = now;
    void this.#plan.ask(form);
  }

  /** The page shows an answer's progress nowhere: tokens make no new snapshot. */
  #engineChanged({ state, model }: EngineSnapshot): void {
    const seen = `${state.kind} ${state.kind === 'loading' ? Math.floor(state.progress * 100) : ''} ${model?.path ?? ''}`;
    if (seen === this.#seen) return;
    this.#seen = seen;
    if (state.kind === 'ready' || state.kind === 'stopped') this.refreshHardware();
    else this.refresh();
  }

  #report(error: unknown, modelPath?: string): void {
    if (CancelledError.is(error)) return;
    this.#logError(error);
    this.#fail(this.#words(error, modelPath));
  }

  #logError(error: unknown): void {
    this.deps.log.error(error instanceof Error ? error : String(error));
  }

  #fail(problem: string): void {
    this.#applyProblem = problem;
    this.refresh();
  }

  #words(error: unknown, modelPath?: string): string {
    const words = this.deps.describeError(error, modelPath === undefined ? {} : { modelPath });
    return words?.message ?? '';
  }

  async #snapshot(): Promise<SettingsSnapshot> {
    const { engine, loader, read, describeFailure, hardware } = this.deps;
    const path = loader.configuredPath();
    const { options, perModel } = loadSettingsFor(path ?? '', read);
    this.#hardware ??= await hardware();
    this.deps.plans.see(this.#hardware);
    const inspection = path === undefined ? undefined : await this.#inspections.of(path);
    const work = this.#work;
    return {
      kind: 'snapshot',
      engine: engineView(engine.snapshot, path, describeFailure),
      saved: options,
      file: inspection?.file,
      fileProblem: inspection?.problem,
      quants: inspection?.quants ?? [],
      hardware: this.#hardware,
      perModel,
      applying:
        work?.kind === 'applying' ? { fraction: work.fraction, measuring: work.measuring } : undefined,
      calibrating: work?.kind === 'calibrating' ? { fraction: work.fraction } : undefined,
      applyProblem: this.#applyProblem,
    };
  }
}
