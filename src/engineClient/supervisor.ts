import { CancelledError, EngineError } from '../errors';
import type {
  Calibration,
  ChatMessage,
  ChatProgress,
  ChatRequest,
  ChatResult,
  CompleteRequest,
  CompleteResult,
  LoadedModel,
  LoadOptions,
  MeasureResult,
  MemoryResult,
  ServePolicy,
  SimulatedUse,
  SimulateParams,
} from '../protocol/engine';
import { sameOptions } from '../protocol/sameOptions';
import { abortable } from './abortable';
import { systemClock, type Clock } from './clock';
import type { Engine, EngineSnapshot } from './engine';
import { EngineKeeper, type EngineKeeperParts, type Running } from './engineKeeper';
import { noModel, toFailure } from './failures';
import { checkHostBuffers } from './hostBuffers';
import { LoadFlight } from './loadFlight';
import { PartialAnswer } from './partialAnswer';
import { removeSavedStates } from './savedStates';
import { ended, isAnswering, nothingLoaded, shownModel } from './sharedView';
import { SnapshotKeeper } from './snapshotKeeper';

export interface SupervisorParts extends EngineKeeperParts {
  clock?: Clock;
}

/** How long the engine may take to give up a load, ms; then its process is ended, once it has saved what it held. */
const cancelGraceMs = 5_000;

/** The engine as features know it: loads and answers, restarts after a crash, tells its state. */
export class EngineSupervisor implements Engine {
  private readonly view = new SnapshotKeeper(() => this.flight !== undefined);
  readonly onDidChange = this.view.onDidChange;
  private readonly clock: Clock;
  private readonly keeper: EngineKeeper;
  private readonly snapshotFolder: string | undefined;
  private flight: LoadFlight | undefined;
  /** Answers under way, by what stops them. */
  private readonly chats = new Map<AbortController, Promise<unknown>>();
  private disposed = false;

  constructor(parts: SupervisorParts) {
    this.clock = parts.clock ?? systemClock;
    this.snapshotFolder = parts.snapshotFolder;
    this.keeper = new EngineKeeper(parts, this.view.listen(), this.clock);
  }

  get snapshot(): EngineSnapshot {
    return this.view.current;
  }

  /** A load of other options takes the place of one that runs: that one ends as cancelled. */
  async load(
    options: LoadOptions,
    onProgress?: (fraction: number) => void,
    signal?: AbortSignal,
  ): Promise<LoadedModel> {
    if (this.disposed || signal?.aborted === true) throw new CancelledError();
    const loaded = this.loadedAs(options);
    if (loaded !== undefined) return loaded;
    const previous = this.flight;
    if (previous?.serves(options) === true) return await previous.join(onProgress, signal);
    previous?.cancel();
    // A person has changed something: worth another try, however often the engine crashed before.
    if (this.view.lastOptions !== undefined && !sameOptions(this.view.lastOptions, options))
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
    this.view.update({ state: { kind: 'stopped' }, ...ended() });
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
      const result = await answer;
      if (result.stopReason !== 'cancelled' || stop.signal.aborted || !endedIdle(running)) return result;
    } finally {
      signal.removeEventListener('abort', forward);
      this.chats.delete(stop);
      this.settleIdle(running);
    }
    // It was asked in the very moment in which the engine ended for want of a question.
    await running.over;
    return await this.chat(request, onProgress, signal);
  }

  async complete(request: CompleteRequest, signal: AbortSignal): Promise<CompleteResult> {
    const running = this.loaded();
    return await this.untilOver(running, running.client.complete(request, signal));
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
    const loaded = this.view.current.model === undefined ? undefined : this.keeper.current;
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
    this.view.update({ state: { kind: 'stopped' }, ...nothingLoaded });
    return await this.untilOver(running, running.client.calibrate(onProgress, signal));
  }

  async forget(conversation: string): Promise<void> {
    // Files first: in the engine it may have to wait for a long answer.
    if (this.snapshotFolder !== undefined) await removeSavedStates(this.snapshotFolder, conversation);
    await this.keeper.current?.client.forget(conversation);
  }

  setPolicy(policy: ServePolicy): void {
    this.view.policy = policy;
    this.keeper.current?.client.setPolicy(policy);
  }

  /** Zero where no process runs. */
  async memory(): Promise<MemoryResult> {
    const running = this.keeper.current;
    if (running === undefined) return { rssBytes: 0, devices: [] };
    return await this.untilOver(running, running.client.memory());
  }

  /** From now on shows the engine that other windows share, without starting one. */
  async follow(): Promise<void> {
    await this.keeper.follow();
  }

  /** Leaves the process to other windows; without any it ends. */
  dispose(): void {
    this.disposed = true;
    this.flight?.cancel();
    this.keeper.dispose();
    this.view.dispose();
  }

  private async ensureLoaded(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new CancelledError();
    if (this.flight !== undefined && !this.flight.isCancelled) {
      await this.flight.join(undefined, signal);
      return;
    }
    if (this.flight === undefined && this.view.current.state.kind === 'loading')
      await this.othersLoad(signal);
    if (this.keeper.current === undefined || this.view.current.model === undefined) {
      if (this.view.lastOptions === undefined) throw noModel();
      await this.load(this.view.lastOptions, undefined, signal);
    }
  }

  /** Another window's load may bring what is wanted. */
  private async othersLoad(signal: AbortSignal): Promise<void> {
    let subscription: { dispose(): void } | undefined;
    const over = new Promise<void>((resolve) => {
      subscription = this.onDidChange(({ state }) => {
        if (state.kind !== 'loading') resolve();
      });
    });
    await abortable(over, signal).finally(() => subscription?.dispose());
  }

  /** The model, where the engine serves it so already. */
  private loadedAs(options: LoadOptions): LoadedModel | undefined {
    const { model, served } = this.view.current;
    const isSame = served !== undefined && sameOptions(served, options);
    return isSame && this.flight === undefined && this.keeper.isUpToDate ? model : undefined;
  }

  private loaded(): Running {
    const running = this.keeper.current;
    if (running === undefined || this.view.current.model === undefined) throw noModel();
    return running;
  }

  private async runLoad(
    options: LoadOptions,
    signal: AbortSignal,
    report: (fraction: number) => void,
  ): Promise<LoadedModel> {
    this.view.lastOptions = options;
    try {
      for (const stop of this.chats.keys()) stop.abort();
      await abortable(Promise.allSettled(this.chats.values()), signal);
      const running = await abortable(this.keeper.ensure(), signal);
      const { served, state } = running.client;
      if (served !== undefined && sameOptions(served.options, options)) {
        this.view.update({ state, ...shownModel(served) });
        return served.model;
      }
      await checkHostBuffers(running.runtime, running.client.info, options);
      const showProgress = (progress: number) => {
        if (signal.aborted) return;
        this.view.update({
          state: { kind: 'loading', modelPath: options.modelPath, progress },
          ...nothingLoaded,
        });
        report(progress);
      };
      showProgress(0);
      const model = await this.loadOrEnd(running, options, showProgress, signal);
      this.view.update({ state: { kind: 'ready' }, model, served: options });
      return model;
    } catch (error) {
      this.loadEnded(error);
      throw error;
    }
  }

  private async loadOrEnd(
    running: Running,
    options: LoadOptions,
    onProgress: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<LoadedModel> {
    let callOff: () => void = () => undefined;
    const end = () => {
      this.view.update({ state: { kind: 'stopped' }, ...ended() });
      void this.keeper.end();
    };
    const onAbort = () => {
      callOff = this.clock.after(cancelGraceMs, end);
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
      this.view.lastOptions = undefined;
      this.view.update({ state: { kind: 'stopped' }, ...nothingLoaded });
    } else {
      this.view.update({ state: { kind: 'failed', error: toFailure(error) }, ...nothingLoaded });
    }
  }

  private settleIdle(running: Running): void {
    if (this.chats.size > 0 || this.keeper.current !== running) return;
    if (isAnswering(this.view.current.state)) this.view.update({ state: { kind: 'ready' } });
  }

  /** The outcome of a request; after a crash only once the snapshot has followed, so that the next request restarts. */
  private async untilOver<T>(running: Running, request: Promise<T>): Promise<T> {
    try {
      return await request;
    } catch (error) {
      const isLate = CancelledError.is(error) && endedIdle(running);
      if (isLate || EngineError.is(error, 'crashed')) await running.over;
      throw isLate ? noModel() : error;
    }
  }
}

function endedIdle({ client }: Running): boolean {
  return client.farewell?.reason === 'idle';
}
