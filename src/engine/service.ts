import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGgufHeader } from '../gguf/readHeader';
import type {
  Calibration,
  ChatProgress,
  ChatRequest,
  ChatResult,
  CompleteRequest,
  CompleteResult,
  EngineInfo,
  EngineState,
  LoadedModel,
  LoadOptions,
  MeasureParams,
  MeasureResult,
  MemoryResult,
  ServedModel,
  ServePolicy,
  SimulatedUse,
  SimulateParams,
} from '../protocol/engine';
import { Activity } from './activity';
import { cancelledCompletion } from '../protocol/cancelledCompletion';
import { sameOptions } from '../protocol/sameOptions';
import type { OpenedBackend } from './backend';
import { calibrate } from './calibrate';
import { openCompletion, type OpenedCompletion } from './completionModel';
import { problem, RequestCancelled } from './failure';
import { loadModel, type OpenModel } from './model';
import { neverRun } from './neverRun';
import { engineInfo, memoryInUse } from './processFacts';
import { Queue } from './queue';
import { Scheduler, type Turn } from './scheduler';
import { ServedSession } from './servedSession';
import { Simulations } from './simulate';
import { snapshotKey } from './snapshotKey';
import { Snapshots } from './snapshots';
import { StateFeed } from './stateFeed';

/** How long nobody must have asked anything before conversations are saved, ms. */
const saveAfterMs = 30_000;

export interface ServiceListener {
  state(state: EngineState): void;
  model(served: ServedModel | null): void;
  /** Nothing was asked for the policy's time, in minutes, and what is worth saving is saved. */
  idle(minutes: number): void;
}

/** What clients can ask of the engine. Knows nothing of connections. */
export class EngineService {
  private readonly scheduler = new Scheduler();
  /** What reads llama.cpp's log and what silences it, one at a time. A chat does neither. */
  private readonly logging = new Queue();
  private readonly simulations: Simulations;
  private readonly feed: StateFeed;
  private readonly activity: Activity;
  private readonly snapshotFolder: string;
  private loaded: ServedSession | undefined;
  /** Requests that tell of a state, under way or paused. */
  private telling = 0;
  private saveTimer: NodeJS.Timeout | undefined;
  /** undefined: no client has said. */
  private policy: ServePolicy | undefined;

  /** @param snapshotFolder where states are kept from one run to the next; absent: none are */
  constructor(
    private readonly backend: OpenedBackend,
    private readonly listener: ServiceListener,
    private readonly keptFolder?: string,
  ) {
    this.feed = new StateFeed((state) => listener.state(state));
    this.activity = new Activity({
      began: () => this.feed.beat(true),
      ended: () => this.feed.beat(false),
      idle: () => this.idle(),
    });
    this.snapshotFolder = keptFolder ?? join(tmpdir(), `layercake-states-${randomUUID()}`);
    this.simulations = new Simulations(backend, (job, signal) => this.logging.run(job, signal, cancelled));
  }

  get state(): EngineState {
    return this.feed.current;
  }

  /** What all clients share; null while no model is loaded. */
  get served(): ServedModel | null {
    return this.loaded === undefined ? null : { options: this.loaded.options, model: this.loaded.model };
  }

  /** Bytes written of conversations that would be lost with the process; undefined where none would be. */
  get unsavedBytesWritten(): number | undefined {
    return this.loaded?.unsavedBytesWritten;
  }

  setPolicy(policy: ServePolicy): void {
    const isOther = policy.snapshotBytes !== this.policy?.snapshotBytes;
    this.policy = policy;
    this.activity.setIdleTime(policy.idleUnloadMinutes * 60_000);
    if (isOther) void this.inBackground(async () => this.loaded?.slots.evict());
  }

  async info(): Promise<EngineInfo> {
    return await engineInfo(this.backend);
  }

  /** Replaces the loaded model, once all requests to it are done. A file with a bad header leaves it loaded. */
  async load(
    options: LoadOptions,
    onProgress: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<LoadedModel> {
    return await this.alone(async () => {
      // Two windows may ask for the same at the same time.
      if (this.loaded !== undefined && sameOptions(this.loaded.options, options)) return this.loaded.model;
      // Before the library sees the file: some files hang or abort it.
      const header = await readGgufHeader(options.modelPath);
      await this.release();
      const progress = (fraction: number) => {
        this.feed.set({ kind: 'loading', modelPath: options.modelPath, progress: fraction });
        onProgress(fraction);
      };
      progress(0);
      try {
        const load = async () => {
          // First: the rest of the memory is the model's.
          const second = await openCompletion(this.backend, options, signal);
          const parts = { backend: this.backend, header };
          try {
            return { opened: await loadModel(parts, options, progress, signal), second };
          } catch (error) {
            await second?.parts?.session.dispose();
            throw error;
          }
        };
        const { opened, second } = await this.logging.run(load, signal, cancelled);
        const { model } = await this.adopt(opened, second, options);
        this.feed.set({ kind: 'ready' });
        return model;
      } catch (error) {
        this.feed.set({ kind: 'stopped' });
        throw error;
      }
    }, signal);
  }

  async unload(signal: AbortSignal): Promise<void> {
    await this.alone(async () => {
      await this.release();
      this.feed.set({ kind: 'stopped' });
    }, signal);
  }

  async chat(
    request: ChatRequest,
    onProgress: (progress: ChatProgress) => void,
    signal: AbortSignal,
  ): Promise<ChatResult> {
    const arrivedAt = performance.now();
    clearTimeout(this.saveTimer);
    // Ghost texts come and go too fast to be shown as what the engine does.
    const tells = request.kind !== 'ghost';
    const onWaiting = (ahead: number) => onProgress({ kind: 'waiting', ahead });
    const answer = async (turn: Turn) => {
      const { runner } = this.model;
      if (tells) this.telling++;
      const state = (told: EngineState) => {
        if (tells) this.feed.set(told);
      };
      try {
        return await runner.run({
          ...{ request, arrivedAt, turn, signal },
          listener: { progress: onProgress, state },
        });
      } finally {
        if (tells && --this.telling === 0) this.feed.set({ kind: 'ready' });
      }
    };
    try {
      const scheduled = { kind: request.kind, signal, onWaiting };
      return await this.activity.during(() => this.scheduler.run(scheduled, answer, () => neverRun));
    } finally {
      if (this.scheduler.isIdle) this.saveLater();
    }
  }

  /** A ghost text comes and goes too fast to be shown as what the engine does, and to put off a save. */
  async complete(request: CompleteRequest, signal: AbortSignal): Promise<CompleteResult> {
    const fill = () => this.model.complete(request, signal);
    return await this.activity.during(() =>
      this.scheduler.run({ kind: 'ghost', signal }, fill, () => cancelledCompletion),
    );
  }

  /** Forgets what was said in a conversation. */
  async forget(conversation: string, signal: AbortSignal): Promise<void> {
    const slots = this.loaded?.slots;
    if (slots === undefined) return;
    await slots.disown(conversation);
    const clear = async () => {
      if (this.loaded?.slots === slots) await slots.clear(conversation);
    };
    // After an answer in that conversation, which is being stopped, and holding up nothing that is more urgent.
    await this.scheduler.run({ kind: 'chat', signal }, clear, cancelled);
  }

  measure(params: MeasureParams): MeasureResult {
    this.activity.touch();
    return this.model.measure(params);
  }

  countTokens(texts: string[]): number[] {
    this.activity.touch();
    return this.model.countTokens(texts);
  }

  /** Does not wait for a chat, only for a load; what is loaded stays. */
  async simulate(params: SimulateParams, signal: AbortSignal): Promise<{ uses: SimulatedUse[] }> {
    return { uses: await this.activity.during(() => this.simulations.run(params, signal)) };
  }

  /** Unloads the model: nothing else may take time or memory meanwhile. */
  async calibrate(onProgress: (fraction: number) => void, signal: AbortSignal): Promise<Calibration> {
    return await this.alone(async () => {
      await this.release();
      this.feed.set({ kind: 'stopped' });
      return await this.logging.run(
        () => calibrate(this.backend.library, onProgress, signal),
        signal,
        cancelled,
      );
    }, signal);
  }

  async memory(): Promise<MemoryResult> {
    return await memoryInUse(this.backend.library, this.loaded?.vramBytes ?? 0);
  }

  /** Frees everything, after what runs now. */
  async dispose(): Promise<void> {
    await this.scheduler.runAlone(() => this.release(), new AbortController().signal, cancelled);
    await this.backend.library.dispose();
    if (this.keptFolder === undefined) rmSync(this.snapshotFolder, { recursive: true, force: true });
  }

  private get model(): ServedSession {
    if (this.loaded === undefined) throw problem('noModel', 'no model is loaded');
    return this.loaded;
  }

  private async adopt(
    opened: OpenModel,
    second: OpenedCompletion | undefined,
    options: LoadOptions,
  ): Promise<ServedSession> {
    const key = await snapshotKey(opened.described, this.backend.library.llamaCppRelease);
    const limit = () => (this.keptFolder === undefined ? 0 : (this.policy?.snapshotBytes ?? 0));
    const snapshots = await Snapshots.open(join(this.snapshotFolder, key), limit);
    // Without a word on how much may stay, nothing is thrown away.
    if (this.policy !== undefined) await snapshots.evict();
    this.loaded = new ServedSession(opened, options, snapshots, second);
    this.listener.model(this.served);
    return this.loaded;
  }

  private async release(): Promise<void> {
    clearTimeout(this.saveTimer);
    const { loaded } = this;
    if (loaded === undefined) return;
    try {
      await loaded.slots.leaveAll();
    } finally {
      this.loaded = undefined;
    }
    await loaded.dispose();
    this.listener.model(null);
  }

  private saveLater(): void {
    clearTimeout(this.saveTimer);
    this.saveTimer = setTimeout(() => {
      void this.inBackground(async () => this.loaded?.slots.saveAll());
    }, saveAfterMs).unref();
  }

  private async idle(): Promise<void> {
    await this.inBackground(async () => this.loaded?.slots.saveAll());
    // Whoever asked meanwhile keeps the model.
    if (this.activity.isIdle) this.listener.idle(this.policy?.idleUnloadMinutes ?? 0);
  }

  private async alone<T>(job: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return await this.activity.during(() => this.scheduler.runAlone(job, signal, cancelled));
  }

  /** When nothing else is to be done; no use of the engine. */
  private async inBackground(job: () => Promise<void>): Promise<void> {
    await this.scheduler.run({ kind: 'background', signal: never }, job, cancelled);
  }
}

const never = new AbortController().signal;

function cancelled(): never {
  throw new RequestCancelled();
}
