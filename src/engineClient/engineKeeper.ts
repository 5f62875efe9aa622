import { CancelledError, EngineError } from '../errors';
import { subLogger, type Logger } from '../log';
import type { BackendChoice, EngineFailure, EngineInfo, EngineState } from '../protocol/engine';
import { abortable } from './abortable';
import type { Clock } from './clock';
import type { RuntimeDescription } from './engine';
import { startEngine, type EngineClient, type StartEngineOptions } from './engineClient';
import { RestartBudget } from './restartBudget';

export interface EngineKeeperParts {
  /** The engine's program, `dist/engine.mjs`. */
  enginePath: string;
  /** The setting; read at each load, which starts another process where it has changed. */
  backend: () => BackendChoice;
  /** Rejects with `EngineError` (`noRuntime`). */
  findRuntime: () => Promise<RuntimeDescription>;
  logger: Logger;
  startEngine?: (options: StartEngineOptions) => Promise<EngineClient>;
}

export interface KeeperListener {
  starting(): void;
  runtimeFound(runtime: RuntimeDescription): void;
  started(info: EngineInfo): void;
  stateChanged(state: EngineState): void;
  /** The process ended without being asked to. */
  crashed(failure: EngineFailure): void;
  /** The process was killed from here. */
  stopped(): void;
}

/** A process that runs, and what it was started with. */
export interface Running {
  client: EngineClient;
  backend: BackendChoice;
  runtime: RuntimeDescription;
  /** Resolves after the listener has heard of the end of the process. */
  over: Promise<void>;
}

/** Keeps at most one engine process: starts it once however many ask, and limits restarts after crashes. */
export class EngineKeeper {
  private readonly logger: Logger;
  private readonly budget: RestartBudget;
  private running: Running | undefined;
  private starting: { promise: Promise<Running>; abort: AbortController } | undefined;
  private ending: Promise<void> | undefined;
  private lastCrash: EngineFailure | undefined;

  constructor(
    private readonly parts: EngineKeeperParts,
    private readonly listener: KeeperListener,
    clock: Clock,
  ) {
    this.logger = subLogger(parts.logger, 'supervisor');
    this.budget = new RestartBudget(clock);
  }

  get current(): Running | undefined {
    return this.running;
  }

  /** The running process; a new one where none runs or where the backend setting has changed. */
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

  /** Ends the process. The next start waits for that: two models at once could fill the memory. */
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

  dispose(): void {
    this.starting?.abort.abort();
    this.running?.client.dispose();
  }

  private async start(signal: AbortSignal): Promise<Running> {
    await this.ending;
    if (!this.budget.take()) {
      const detail = this.lastCrash?.detail ?? 'unknown';
      throw new EngineError({ reason: 'crashed', detail, restarts: this.budget.spent });
    }
    this.listener.starting();
    const backend = this.parts.backend();
    const runtime = await abortable(this.parts.findRuntime(), signal);
    this.listener.runtimeFound(runtime);
    try {
      const client = await (this.parts.startEngine ?? startEngine)({
        runtimePath: runtime.path,
        electron: runtime.kind === 'electron',
        enginePath: this.parts.enginePath,
        backend,
        logger: this.parts.logger,
        signal,
      });
      if (!signal.aborted) return this.adopt(client, backend, runtime);
      client.dispose();
      throw new CancelledError();
    } catch (error) {
      if (EngineError.is(error, 'crashed') || EngineError.is(error, 'startTimeout'))
        this.noteCrash(error.failure);
      throw error;
    }
  }

  private adopt(client: EngineClient, backend: BackendChoice, runtime: RuntimeDescription): Running {
    const over = client.ended.then((failure) => {
      if (this.running?.client !== client) return;
      this.running = undefined;
      if (failure === undefined) {
        this.listener.stopped();
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
    this.listener.started(client.info);
    return running;
  }

  private noteCrash(failure: EngineFailure): void {
    this.lastCrash = failure;
    this.budget.noteCrash();
    this.logger.warn(`The engine failed: ${failure.reason}: ${failure.detail}`);
  }
}
