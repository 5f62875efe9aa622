import type { Engine, EngineSnapshot } from '../engineClient/engine';
import { CancelledError } from '../errors';
import type { FailureContext } from '../failureWords';
import type { Logger } from '../log';
import { engineView } from '../models/engineView';
import { loadSettingsFor, type ReadSetting } from '../models/loadSettings';
import { viewOf, type ModelFile } from '../models/modelFile';
import type { ModelLoader } from '../models/modelLoader';
import { saveLoadForm, type WriteSetting } from '../models/saveLoadSettings';
import type { EngineFailure } from '../protocol/engine';
import type {
  HardwareView,
  LoadForm,
  ModelFileView,
  SettingsCommand,
  SettingsEvent,
  SettingsSnapshot,
} from '../protocol/webview';
import { describeSettingProblem } from '../settingsParse';
import type { Translate } from '../translate';
import { formProblems, parseSettingsCommand } from './command';

export interface SettingsPageDeps {
  engine: Pick<Engine, 'snapshot' | 'onDidChange'>;
  loader: Pick<ModelLoader, 'configuredPath' | 'load'>;
  read: ReadSetting;
  write: WriteSetting;
  /** Rejects with `EngineError` for a file that is no good. */
  inspect: (path: string) => Promise<ModelFile>;
  /** Files of the same model in its folder and in `folders`, this one included. */
  findSiblings: (file: ModelFile, folders: readonly string[]) => Promise<ModelFileView[]>;
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

interface Inspection {
  file: ModelFile | undefined;
  problem: string | undefined;
  quants: ModelFileView[];
}

const nothing: Inspection = { file: undefined, problem: undefined, quants: [] };

/** The settings page's side in the extension: whole snapshots out, checked commands in. One for each open page. */
export class SettingsController {
  #applying: { fraction: number; abort: AbortController } | undefined;
  #applyProblem: string | undefined;
  #inspected: { path: string; result: Promise<Inspection> } | undefined;
  #hardware: HardwareView | undefined;
  #sending: Promise<void> = Promise.resolve();
  #stale = false;
  #disposed = false;
  readonly #subscription: { dispose(): void };
  #seen = '';

  constructor(
    private readonly deps: SettingsPageDeps,
    private readonly post: (event: SettingsEvent) => void,
  ) {
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
        if (!this.#disposed) this.post(snapshot);
      } catch (error) {
        this.#logError(error);
      }
    });
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
    this.#subscription.dispose();
  }

  async #run(command: SettingsCommand): Promise<void> {
    switch (command.kind) {
      case 'ready':
        this.#inspected = undefined;
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
        this.#applying?.abort.abort();
        return;
      case 'testEngine':
      case 'openSettingsJson':
      case 'showLog':
        this.deps.run(command.kind);
    }
  }

  async #inspectFor(path: string): Promise<void> {
    const { file, problem, quants } = await this.#inspect(path);
    if (!this.#disposed) {
      this.post({ kind: 'inspected', path, file: file && viewOf(file), problem, quants });
    }
  }

  async #apply(form: LoadForm, perModel: boolean): Promise<void> {
    if (this.#applying) return;
    const problem = formProblems(form)[0];
    if (problem || form.modelPath.trim() === '') {
      this.#fail(
        problem
          ? describeSettingProblem(problem, this.deps.t)
          : this.deps.t('No model is chosen yet. Choose a GGUF file first.'),
      );
      return;
    }
    const abort = new AbortController();
    this.#applying = { fraction: 0, abort };
    this.#applyProblem = undefined;
    this.refresh();
    try {
      // A file that is no good leaves the settings as they are.
      await this.deps.inspect(form.modelPath);
      await saveLoadForm(form, perModel, this.deps.read, this.deps.write);
      this.refresh();
      await this.deps.loader.load({
        quiet: true,
        signal: abort.signal,
        onProgress: (fraction) => {
          this.#applying = { fraction, abort };
          this.refresh();
        },
      });
    } catch (error) {
      this.#report(error, form.modelPath);
    } finally {
      this.#applying = undefined;
      this.refreshHardware();
    }
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

  /** A header is read once for each file; `ready` reads it again. */
  #inspect(path: string): Promise<Inspection> {
    if (this.#inspected?.path !== path) this.#inspected = { path, result: this.#readFile(path) };
    return this.#inspected.result;
  }

  async #readFile(path: string): Promise<Inspection> {
    try {
      const file = await this.deps.inspect(path);
      const folders = this.deps.read('models.folders');
      const quants = await this.deps.findSiblings(file, Array.isArray(folders) ? folders.map(String) : []);
      return { file, problem: undefined, quants };
    } catch (error) {
      return { ...nothing, problem: this.#words(error, path) };
    }
  }

  async #snapshot(): Promise<SettingsSnapshot> {
    const { engine, loader, read, describeFailure, hardware } = this.deps;
    const path = loader.configuredPath();
    const { options, perModel } = loadSettingsFor(path ?? '', read);
    this.#hardware ??= await hardware();
    const { file, problem, quants } = path === undefined ? nothing : await this.#inspect(path);
    return {
      kind: 'snapshot',
      engine: engineView(engine.snapshot, path, describeFailure),
      saved: options,
      file: file && viewOf(file),
      fileProblem: problem,
      quants,
      hardware: this.#hardware,
      perModel,
      applying: this.#applying && { fraction: this.#applying.fraction },
      applyProblem: this.#applyProblem,
    };
  }
}
