import type { Engine } from '../engineClient/engine';
import { CancelledError, UserError } from '../errors';
import type { LoadedModel } from '../protocol/engine';
import type { LoadForm } from '../protocol/webview';
import type { SettingProblem } from '../settingsParse';
import type { Translate } from '../translate';
import { baseName } from './baseName';
import type { ReportLoad } from './loadReport';
import { configuredModelPath, loadSettingsFor, type ReadSetting } from './loadSettings';
import type { ModelReadiness } from './modelReadiness';

/** What the loader shows; tests put a fake here. */
export interface LoaderUi {
  /**
   * Shows a load's progress, with a way to cancel it, until `run` settles.
   * The signal of `run` aborts when the person cancels.
   */
  withProgress<Result>(
    fileName: string,
    run: (report: ReportLoad, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result>;
  /** Tells what a load does otherwise than planned; waits for nothing. */
  announce: (message: string) => void;
  /** Tells of settings that could not be used; each problem once. */
  showProblems(problems: readonly SettingProblem[]): void;
}

export interface ModelLoaderDeps {
  engine: Pick<Engine, 'snapshot' | 'unload'>;
  /** Loads by what the settings say, the rest planned. Rejects with `EngineError`, in any way once aborted. */
  load: (form: LoadForm, report: ReportLoad, signal: AbortSignal) => Promise<LoadedModel>;
  read: ReadSetting;
  ui: LoaderUi;
  t: Translate;
}

export interface LoadRequest {
  signal?: AbortSignal;
  onProgress?: ReportLoad;
  /** The caller shows the progress itself. */
  quiet?: boolean;
}

/** A load that runs. It ends early once nobody waits for it any more. */
interface Flight {
  readonly result: Promise<LoadedModel>;
  readonly abort: AbortController;
  readonly onProgress: Set<ReportLoad>;
  waiting: number;
}

/** Loads the model that the settings name, one load at a time, whoever asks. */
export class ModelLoader implements ModelReadiness {
  #flight: Flight | undefined;

  constructor(private readonly deps: ModelLoaderDeps) {}

  /** A load is running. */
  get loading(): boolean {
    return this.#flight !== undefined;
  }

  configuredPath(): string | undefined {
    return configuredModelPath(this.deps.read);
  }

  async ensureLoaded(signal: AbortSignal): Promise<LoadedModel> {
    const { model } = this.deps.engine.snapshot;
    if (this.#flight === undefined && model !== undefined) return model;
    return this.#wait(this.#flight ?? this.#start(), { signal });
  }

  /**
   * Loads by the settings as they are now, in place of what is loaded or loading.
   * Rejects as `ensureLoaded` does.
   */
  async load(request: LoadRequest = {}): Promise<LoadedModel> {
    await this.cancel();
    const { state } = this.deps.engine.snapshot;
    // A person who asks again starts afresh: crashes until now count no more.
    if (state.kind === 'failed' && state.error.reason === 'crashed') await this.deps.engine.unload();
    return this.#wait(this.#start(request.quiet), request);
  }

  /** Ends a running load, and the engine's process with all its memory. */
  async unload(): Promise<void> {
    await this.cancel();
    await this.deps.engine.unload();
  }

  /** Ends a running load, if any; settles once it has ended. */
  async cancel(): Promise<void> {
    // A loop: while this caller waited, another one may have begun the next load.
    while (this.#flight) {
      this.#flight.abort.abort();
      await this.#flight.result.catch(() => undefined);
    }
  }

  #start(quiet = false): Flight {
    const path = this.configuredPath();
    if (path === undefined) {
      throw new UserError(this.deps.t('No model is chosen yet. Choose a GGUF file first.'));
    }
    const abort = new AbortController();
    const onProgress = new Set<ReportLoad>();
    const run = (signal: AbortSignal) =>
      this.#run(path, signal, (fraction, step) => {
        for (const listener of onProgress) listener(fraction, step);
      });
    const shown = quiet
      ? run(abort.signal)
      : this.deps.ui.withProgress(baseName(path), (report, cancelled) => {
          onProgress.add(report);
          return run(AbortSignal.any([abort.signal, cancelled]));
        });
    const result = shown.finally(() => {
      this.#flight = undefined;
    });
    const flight: Flight = { result, abort, onProgress, waiting: 0 };
    this.#flight = flight;
    return flight;
  }

  async #run(path: string, signal: AbortSignal, report: ReportLoad): Promise<LoadedModel> {
    try {
      const { options, problems } = loadSettingsFor(path, this.deps.read);
      if (problems.length > 0) this.deps.ui.showProblems(problems);
      return await this.deps.load(options, report, signal);
    } catch (error) {
      // Whatever form an aborted load fails in, it was the person's wish.
      throw signal.aborted ? new CancelledError() : error;
    }
  }

  async #wait(flight: Flight, { signal, onProgress }: LoadRequest): Promise<LoadedModel> {
    if (onProgress) flight.onProgress.add(onProgress);
    flight.waiting++;
    let leave: (() => void) | undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(new CancelledError());
      if (signal?.aborted) leave();
      else signal?.addEventListener('abort', leave);
    });
    try {
      return await Promise.race([flight.result, left]);
    } finally {
      if (leave) signal?.removeEventListener('abort', leave);
      if (onProgress) flight.onProgress.delete(onProgress);
      flight.waiting--;
      // The last one left before the end: nobody wants this model.
      if (flight.waiting === 0 && this.#flight === flight) {
        flight.abort.abort();
        flight.result.catch(() => undefined);
      }
    }
  }
}
