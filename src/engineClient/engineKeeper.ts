import { CancelledError, EngineError } from '../errors';
import { subLogger, type Logger } from '../log';
import type { BackendChoice, EngineFailure, EngineState, Farewell, ServedModel } from '../protocol/engine';
import { abortable } from './abortable';
import type { Clock } from './clock';
import type { RuntimeDescription } from './engine';
import type { EngineClient } from './engineClient';
import { RestartBudget } from './restartBudget';
import { SharedEngines, type EngineSource, type EngineWish, type FoundEngine } from './sharedEngines';

export interface EngineKeeperParts {
  /** The engine's program, `dist/engine.mjs`. */
  enginePath: string;
  /** The setting; read at each load, which starts another process where it has changed. */
  backend: () => BackendChoice;
  /** Rejects with `EngineError` (`noRuntime`). */
  findRuntime: () => Promise<RuntimeDescription>;
  /** Where the engine keeps saved states from one run to the next; absent: none are kept. */
  snapshotFolder?: string;
  logger: Logger;
  engines?: EngineSource;
}

export interface KeeperListener {
  starting(): void;
  runtimeFound(runtime: RuntimeDescription): void;
  /** Its process runs; another window may have started it, and loaded a model. */
  started(client: EngineClient): void;
  stateChanged(state: EngineState): void;
  /** Some window loaded a model, or freed it. */
  servedChanged(served: ServedModel | undefined): void;
  /** The process ended without being asked to. */
  crashed(failure: EngineFailure): void;
  /** It owes an answer and is not heard; or it is heard again. */
  silenceChanged(isSilent: boolean): void;
  /** The process ended by some window's wish, or by itself. */
  stopped(farewell: Farewell | undefined): void;
}

/** A process that runs, and what it was started with. */
export interface Running {
  client: EngineClient;
  backend: BackendChoice;
  runtime: RuntimeDescription;
  /** Resolves after the listener has heard of the end of the process. */
  over: Promise<void>;
}

/** Keeps one engine at most: joins or starts it once however many ask, and limits restarts after crashes. */
export class EngineKeeper {
  private readonly logger: Logger;
  private readonly budget: RestartBudget;
  private readonly engines: EngineSource;
  private running: Running | undefined;
  private starting: { promise: Promise<Running>; abort: AbortController } | undefined;
  private ending: Promise<void> | undefined;
  private isDisposed = false;
  private stopFollowing: () => void = () => undefined;
  private lastCrash: EngineFailure | undefined;

  constructor(
    private readonly parts: EngineKeeperParts,
    private readonly listener: KeeperListener,
    clock: Clock,
  ) {
    this.logger = subLogger(parts.logger, 'supervisor');
    this.budget = new RestartBudget(clock);
    this.engines = parts.engines ?? new SharedEngines();
  }

  get current(): Running | undefined {
    return this.running;
  }

  /** Whether a process runs, with the backend that is set now. */
  get isUpToDate(): boolean {
    return this.running !== undefined && this.running.backend === this.parts.backend();
  }

  /** The running process; another one where none runs or where the backend setting has changed. */
  async ensure(): Promise<Running> {
    if (this.running !== undefined && this.running.backend !== this.parts.backend()) await this.end();
    if (this.running !== undefined) return this.running;
    if (this.starting === undefined || this.starting.abort.signal.aborted) {
      const abort = new AbortController();
      const starting = { abort, promise: this.start(abort.signal) };
      this.starting = starting;
      const done = () => {
        if (this.starting === starting) this.starting = undefined;
      };
      starting.promise.then(done, done);
    }
    return await this.starting.promise;
  }

  /** Joins the engine that another window has started, now and whenever one does; starts none. */
  async follow(): Promise<void> {
    const join = () =>
      this.joinRunning().catch((error: unknown) =>
        this.logger.warn(`No engine was joined: ${String(error)}`),
      );
    const following = this.engines.follow(this.parts.logger, () => void join());
    this.stopFollowing = () => void following.then((watching) => watching.dispose());
    await following;
    await join();
  }

  /** Ends the process for all windows. The next start waits for that: two models at once could fill the memory. */
  async end(): Promise<void> {
    this.starting?.abort.abort();
    const running = this.running;
    if (running !== undefined) {
      this.running = undefined;
      this.ending = running.client.shutdown().finally(() => {
        this.ending = undefined;
      });
    }
    await this.ending;
  }

  /** What comes next is a person's own start, not a restart. */
  forgetCrashes(): void {
    this.budget.reset();
  }

  /** Leaves the process to other windows. */
  dispose(): void {
    this.isDisposed = true;
    this.stopFollowing();
    this.starting?.abort.abort();
    this.running?.client.leave();
  }

  private async joinRunning(): Promise<void> {
    const isFree = () => !this.isDisposed && (this.running ?? this.starting ?? this.ending) === undefined;
    if (!isFree()) return;
    const backend = this.parts.backend();
    const found = await this.engines.join(this.wish(backend, new AbortController().signal));
    if (found === undefined) return;
    if (isFree()) this.adopt(found, backend);
    else found.client.leave();
  }

  private async start(signal: AbortSignal): Promise<Running> {
    await this.ending;
    const backend = this.parts.backend();
    const wish = this.wish(backend, signal);
    const found = (await this.engines.join(wish)) ?? (await this.startNew(wish));
    if (!signal.aborted) return this.adopt(found, backend);
    found.client.leave();
    throw new CancelledError();
  }

  private async startNew(wish: EngineWish): Promise<FoundEngine> {
    if (!this.budget.take()) {
      const detail = this.lastCrash?.detail ?? 'unknown';
      throw new EngineError({ reason: 'crashed', detail, restarts: this.budget.spent });
    }
    this.listener.starting();
    const { findRuntime, snapshotFolder } = this.parts;
    const runtime = await abortable(findRuntime(), wish.signal);
    this.listener.runtimeFound(runtime);
    try {
      return await this.engines.start({
        ...{ ...wish, runtime },
        ...(snapshotFolder !== undefined && { snapshotFolder }),
      });
    } catch (error) {
      if (EngineError.is(error, 'crashed') || EngineError.is(error, 'startTimeout'))
        this.noteCrash(error.failure);
      throw error;
    }
  }

  private wish(backend: BackendChoice, signal: AbortSignal): EngineWish {
    const { enginePath, logger } = this.parts;
    return { enginePath, backend, logger, signal };
  }

  private adopt({ client, runtime }: FoundEngine, backend: BackendChoice): Running {
    this.listener.runtimeFound(runtime);
    const over = client.ended.then((failure) => {
      if (this.running?.client !== client) return;
      this.running = undefined;
      if (failure === undefined) {
        this.listener.stopped(client.farewell);
      } else {
        this.noteCrash(failure.failure);
        this.listener.crashed(failure.failure);
      }
    });
    const running: Running = { client, backend, runtime, over };
    this.running = running;
    client.onState((state) => {
      if (this.running === running) this.listener.stateChanged(state);
    });
    client.onServed((served) => {
      if (this.running === running) this.listener.servedChanged(served);
    });
    client.onSilence((isSilent) => {
      if (this.running === running) this.listener.silenceChanged(isSilent);
    });
    this.listener.started(client);
    return running;
  }

  private noteCrash(failure: EngineFailure): void {
    this.lastCrash = failure;
    this.budget.noteCrash();
    this.logger.warn(`The engine failed: ${failure.reason}: ${failure.detail}`);
  }
}
