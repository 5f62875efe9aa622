import { Emitter } from 'vscode-jsonrpc';
import { CancelledError, EngineError } from '../errors';
import type {
  Calibration,
  ChatMessage,
  ChatProgress,
  ChatRequest,
  ChatResult,
  EngineFailure,
  EngineState,
  LoadedModel,
  LoadOptions,
  MeasureResult,
  MemoryResult,
  ServePolicy,
  SimulatedUse,
  SimulateParams,
} from '../protocol/engine';
import { abortable } from './abortable';
import { systemClock, type Clock } from './clock';
import type { Engine, EngineSnapshot } from './engine';
import { EngineKeeper, type EngineKeeperParts, type KeeperListener, type Running } from './engineKeeper';
import { checkHostBuffers } from './hostBuffers';
import { LoadFlight, sameOptions } from './loadFlight';
import { PartialAnswer } from './partialAnswer';

export interface SupervisorParts extends EngineKeeperParts {
  clock?: Clock;
}

/** How long the engine may take to give up a load, ms; then its process is killed. */
const cancelGraceMs = 5_000;

/** The engine as features know it: loads and answers, restarts after a crash, tells its state. */
export class EngineSupervisor implements Engine {
  private readonly emitter = new Emitter<EngineSnapshot>();
  readonly onDidChange = this.emitter.event;
  private readonly clock: Clock;
  private readonly keeper: EngineKeeper;
  private current: EngineSnapshot = {
    state: { kind: 'stopped' },
    info: undefined,
    model: undefined,
    runtime: undefined,
  };
  private flight: LoadFlight | undefined;
  /** Answers under way, by what stops them. */
  private readonly chats = new Map<AbortController, Promise<unknown>>();
  /** What `chat` loads where nothing is loaded. */
  private lastOptions: LoadOptions | undefined;
  private policy: ServePolicy | undefined;
  private disposed = false;

  constructor(parts: SupervisorParts) {
    this.clock = parts.clock ?? systemClock;
    this.keeper = new EngineKeeper(parts, this.listen(), this.clock);
  }

  get snapshot(): EngineSnapshot {
    return this.current;
  }

  /** A load of other options takes the place of one that runs: that one ends as cancelled. */
  async load(
    options: LoadOptions,
    onProgress?: (fraction: number) => void,
    signal?: AbortSignal,
  ): Promise<LoadedModel> {
    if (this.disposed || signal?.aborted === true) throw new CancelledError();
    const previous = this.flight;
    if (previous?.serves(options) === true) return await previous.join(onProgress, signal);
    previous?.cancel();
    // A person has changed something: worth another try, however often the engine crashed before.
    if (this.lastOptions !== undefined && !sameOptions(this.lastOptions, options))
      this.keeper.forgetCrashes();
    const flight = new LoadFlight(options, async (cancel, report) => {
      await previous?.over;
      return await this.runLoad(options, cancel, report);
    });
    this.flight = flight;
    void flight.over.then(() => {
      if (this.flight === flight) this.flight = undefined;
    });
    return await flight.join(onProgress, signal);
  }

  /** Also forgets earlier crashes: restarts are counted anew. */
  async unload(): Promise<void> {
    this.keeper.forgetCrashes();
    const flight = this.flight;
    flight?.cancel();
    await flight?.over;
    await this.keeper.end();
    this.update({ state: { kind: 'stopped' }, info: undefined, model: undefined });
  }

  async chat(
    request: ChatRequest,
    onProgress: (progress: ChatProgress) => void,
    signal: AbortSignal,
  ): Promise<ChatResult> {
    try {
      await this.ensureLoaded(signal);
    } catch (error) {
      if (CancelledError.is(error)) return new PartialAnswer().cancelled();
      throw error;
    }
    const running = this.loaded();
    const stop = new AbortController();
    const forward = () => stop.abort();
    signal.addEventListener('abort', forward);
    if (signal.aborted) forward();
    const answer = this.untilOver(running, running.client.chat(request, onProgress, stop.signal));
    this.chats.set(stop, answer);
    try {
      return await answer;
    } finally {
      signal.removeEventListener('abort', forward);
      this.chats.delete(stop);
      this.settleIdle(running);
    }
  }

  async measure(messages: ChatMessage[], signal?: AbortSignal): Promise<MeasureResult> {
    const running = this.loaded();
    return await this.untilOver(running, running.client.measure(messages, signal));
  }

  async countTokens(texts: string[]): Promise<number[]> {
    const running = this.loaded();
    return await this.untilOver(running, running.client.countTokens(texts));
  }

  async simulate(
    params: SimulateParams,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<SimulatedUse[]> {
    if (this.disposed) throw new CancelledError();
    // Another backend than the loaded model's would be another process: the model stays.
    const loaded = this.current.model === undefined ? undefined : this.keeper.current;
    const running = loaded ?? (await abortable(this.keeper.ensure(), signal));
    return await this.untilOver(running, running.client.simulate(params, signal));
  }

  async calibrate(
    onProgress?: (fraction: number) => void,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Calibration> {
    if (this.disposed) throw new CancelledError();
    await this.flight?.over;
    for (const stop of this.chats.keys()) stop.abort();
    await abortable(Promise.allSettled(this.chats.values()), signal);
    const running = await abortable(this.keeper.ensure(), signal);
    this.update({ state: { kind: 'stopped' }, model: undefined });
    return await this.untilOver(running, running.client.calibrate(onProgress, signal));
  }

  async forget(conversation: string): Promise<void> {
    await this.keeper.current?.client.forget(conversation);
  }

  setPolicy(policy: ServePolicy): void {
    this.policy = policy;
    this.keeper.current?.client.setPolicy(policy);
  }

  /** Zero where no process runs. */
  async memory(): Promise<MemoryResult> {
    const running = this.keeper.current;
    if (running === undefined) return { rssBytes: 0, devices: [] };
    return await this.untilOver(running, running.client.memory());
  }

  /** Kills the process. */
  dispose(): void {
    this.disposed = true;
    this.flight?.cancel();
    this.keeper.dispose();
    this.emitter.dispose();
  }

  private async ensureLoaded(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new CancelledError();
    if (this.flight !== undefined && !this.flight.isCancelled) {
      await this.flight.join(undefined, signal);
    } else if (this.keeper.current === undefined || this.current.model === undefined) {
      if (this.lastOptions === undefined) throw noModel();
      await this.load(this.lastOptions, undefined, signal);
    }
  }

  private loaded(): Running {
    const running = this.keeper.current;
    if (running === undefined || this.current.model === undefined) throw noModel();
    return running;
  }

  private async runLoad(
    options: LoadOptions,
    signal: AbortSignal,
    report: (fraction: number) => void,
  ): Promise<LoadedModel> {
    this.lastOptions = options;
    try {
      for (const stop of this.chats.keys()) stop.abort();
      await abortable(Promise.allSettled(this.chats.values()), signal);
      const running = await abortable(this.keeper.ensure(), signal);
      await checkHostBuffers(running.runtime, running.client.info, options);
      const showProgress = (progress: number) => {
        if (signal.aborted) return;
        this.update({ state: { kind: 'loading', modelPath: options.modelPath, progress }, model: undefined });
        report(progress);
      };
      showProgress(0);
      const model = await this.loadOrKill(running, options, showProgress, signal);
      this.update({ state: { kind: 'ready' }, model });
      return model;
    } catch (error) {
      this.loadEnded(error);
      throw error;
    }
  }

  private async loadOrKill(
    running: Running,
    options: LoadOptions,
    onProgress: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<LoadedModel> {
    let callOff: () => void = () => undefined;
    const onAbort = () => {
      callOff = this.clock.after(cancelGraceMs, () => running.client.dispose());
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.untilOver(running, running.client.load(options, onProgress, signal));
    } finally {
      signal.removeEventListener('abort', onAbort);
      callOff();
    }
  }

  private loadEnded(error: unknown): void {
    if (CancelledError.is(error)) {
      this.lastOptions = undefined;
      this.update({ state: { kind: 'stopped' }, model: undefined });
    } else {
      this.update({ state: { kind: 'failed', error: toFailure(error) }, model: undefined });
    }
  }

  private listen(): KeeperListener {
    return {
      starting: () => this.update({ state: { kind: 'starting' }, info: undefined, model: undefined }),
      runtimeFound: (runtime) => this.update({ runtime }),
      // A load that waits for it goes on from "starting".
      started: (info) => {
        if (this.policy !== undefined) this.keeper.current?.client.setPolicy(this.policy);
        this.update(this.flight === undefined ? { state: { kind: 'stopped' }, info } : { info });
      },
      stateChanged: (state) => this.follow(state),
      crashed: (error) =>
        this.update({ state: { kind: 'failed', error }, info: undefined, model: undefined }),
      stopped: () => this.update({ state: { kind: 'stopped' }, info: undefined, model: undefined }),
    };
  }

  /** While a load runs, its own progress tells the state; without a model there is nothing to follow. */
  private follow(state: EngineState): void {
    if (this.current.model === undefined || this.flight !== undefined) return;
    if (state.kind === 'ready' || state.kind === 'prefilling' || state.kind === 'generating') {
      this.update({ state });
    }
  }

  private settleIdle(running: Running): void {
    if (this.chats.size > 0 || this.keeper.current !== running) return;
    const { kind } = this.current.state;
    if (kind === 'prefilling' || kind === 'generating') this.update({ state: { kind: 'ready' } });
  }

  /** The outcome of a request; after a crash only once the snapshot has followed, so that the next request restarts. */
  private async untilOver<T>(running: Running, request: Promise<T>): Promise<T> {
    try {
      return await request;
    } catch (error) {
      if (EngineError.is(error, 'crashed')) await running.over;
      throw error;
    }
  }

  private update(change: Partial<EngineSnapshot>): void {
    if (this.disposed) return;
    this.current = { ...this.current, ...change };
    this.emitter.fire(this.current);
  }
}

function noModel(): EngineError {
  return new EngineError({ reason: 'noModel', detail: 'no model is loaded' });
}

function toFailure(error: unknown): EngineFailure {
  if (EngineError.is(error)) return error.failure;
  return { reason: 'internal', detail: error instanceof Error ? error.message : String(error) };
}
