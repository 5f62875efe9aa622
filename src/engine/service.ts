import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGgufHeader } from '../gguf/readHeader';
import type {
  Calibration,
  ChatProgress,
  ChatRequest,
  ChatResult,
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
import type { OpenedBackend } from './backend';
import { calibrate } from './calibrate';
import { ChatRunner } from './chat';
import { problem, RequestCancelled } from './failure';
import { LlamaLibrary } from './llama';
import type { LlamaSession } from './llamaSession';
import { HistoryMeter } from './measure';
import { loadModel } from './model';
import { openHistory } from './prompt';
import { Queue } from './queue';
import { Scheduler } from './scheduler';
import { Simulations } from './simulate';
import { Slots } from './slots';
import { snapshotKey } from './snapshotKey';
import { Snapshots } from './snapshots';
import { StateFeed } from './stateFeed';

interface Loaded extends ServedModel {
  session: LlamaSession;
  slots: Slots;
  runner: ChatRunner;
  meter: HistoryMeter;
}

/** How long nobody must have asked anything before conversations are saved, ms. */
const saveAfterMs = 30_000;

export interface ServiceListener {
  state(state: EngineState): void;
  model(served: ServedModel | null): void;
}

/** What clients can ask of the engine. Knows nothing of connections. */
export class EngineService {
  private readonly scheduler = new Scheduler();
  /** What reads llama.cpp's log and what silences it, one at a time. A chat does neither. */
  private readonly logging = new Queue();
  private readonly simulations: Simulations;
  private readonly feed: StateFeed;
  private readonly snapshotFolder: string;
  private loaded: Loaded | undefined;
  /** Requests that tell of a state, under way or paused. */
  private telling = 0;
  private saveTimer: NodeJS.Timeout | undefined;
  private policy: ServePolicy = { idleUnloadMinutes: 0, snapshotBytes: 0 };

  /** @param snapshotFolder where states are kept from one run to the next; absent: none are */
  constructor(
    private readonly backend: OpenedBackend,
    private readonly listener: ServiceListener,
    private readonly keptFolder?: string,
  ) {
    this.feed = new StateFeed((state) => listener.state(state));
    this.snapshotFolder = keptFolder ?? mkdtempSync(join(tmpdir(), 'layercake-states-'));
    this.simulations = new Simulations(backend, (job, signal) => this.logging.run(job, signal, cancelled));
  }

  get state(): EngineState {
    return this.feed.current;
  }

  /** What all clients share; null while no model is loaded. */
  get served(): ServedModel | null {
    return this.loaded === undefined ? null : { options: this.loaded.options, model: this.loaded.model };
  }

  setPolicy(policy: ServePolicy): void {
    this.policy = policy;
  }

  async info(): Promise<EngineInfo> {
    const { library, fallback, largestTensorBytes } = this.backend;
    const devices = await library.devices();
    return {
      pid: process.pid,
      libraryVersion: await LlamaLibrary.version(),
      llamaCppRelease: library.llamaCppRelease,
      nodeVersion: process.versions.node,
      backend: library.backend,
      ...(fallback !== undefined && { fallback }),
      devices: devices.map(({ name, totalBytes, freeBytes }) => ({
        ...{ name, totalBytes, freeBytes },
        ...(largestTensorBytes !== undefined && { largestTensorBytes }),
      })),
      mathCores: library.mathCores,
    };
  }

  /** Replaces the loaded model, once all requests to it are done. A file with a bad header leaves it loaded. */
  async load(
    options: LoadOptions,
    onProgress: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<LoadedModel> {
    return await this.scheduler.runAlone(
      async () => {
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
          const parts = { backend: this.backend, header };
          const { session, described } = await this.logging.run(
            () => loadModel(parts, options, progress, signal),
            signal,
            cancelled,
          );
          await this.adopt(session, described, options);
          this.feed.set({ kind: 'ready' });
          return described;
        } catch (error) {
          this.feed.set({ kind: 'stopped' });
          throw error;
        }
      },
      signal,
      cancelled,
    );
  }

  async unload(signal: AbortSignal): Promise<void> {
    await this.scheduler.runAlone(
      async () => {
        await this.release();
        this.feed.set({ kind: 'stopped' });
      },
      signal,
      cancelled,
    );
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
    try {
      return await this.scheduler.run(
        { kind: request.kind, signal, onWaiting },
        async (turn) => {
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
        },
        () => neverRun,
      );
    } finally {
      if (this.scheduler.isIdle) this.saveLater();
    }
  }

  /** Forgets what was said in a conversation. */
  async forget(conversation: string, signal: AbortSignal): Promise<void> {
    await this.scheduler.runAlone(async () => this.loaded?.slots.forget(conversation), signal, cancelled);
  }

  measure({ messages }: MeasureParams): MeasureResult {
    const { session, meter } = this.model;
    return { ...meter.measure(messages), contextSize: session.contextSize };
  }

  countTokens(texts: string[]): number[] {
    const { session } = this.model;
    return texts.map((text) => session.count(text));
  }

  /** Does not wait for a chat, only for a load; what is loaded stays. */
  async simulate(params: SimulateParams, signal: AbortSignal): Promise<{ uses: SimulatedUse[] }> {
    return { uses: await this.simulations.run(params, signal) };
  }

  /** Unloads the model: nothing else may take time or memory meanwhile. */
  async calibrate(onProgress: (fraction: number) => void, signal: AbortSignal): Promise<Calibration> {
    return await this.scheduler.runAlone(
      async () => {
        await this.release();
        this.feed.set({ kind: 'stopped' });
        return await this.logging.run(
          () => calibrate(this.backend.library, onProgress, signal),
          signal,
          cancelled,
        );
      },
      signal,
      cancelled,
    );
  }

  async memory(): Promise<MemoryResult> {
    const devices = await this.backend.library.devices();
    const vramBytes = this.loaded?.session.memory.vramBytes ?? 0;
    return {
      rssBytes: process.memoryUsage.rss(),
      // Vulkan tells what is free, not always what is used: llama.cpp's own buffers are the least it can be.
      devices: devices.map((device) => ({
        ...device,
        usedBytes: Math.max(device.usedBytes, vramBytes),
      })),
    };
  }

  /** Frees everything, after what runs now. */
  async dispose(): Promise<void> {
    await this.scheduler.runAlone(() => this.release(), new AbortController().signal, cancelled);
    await this.backend.library.dispose();
    if (this.keptFolder === undefined) rmSync(this.snapshotFolder, { recursive: true, force: true });
  }

  private get model(): Loaded {
    if (this.loaded === undefined) throw problem('noModel', 'no model is loaded');
    return this.loaded;
  }

  private async adopt(session: LlamaSession, model: LoadedModel, options: LoadOptions): Promise<void> {
    const key = await snapshotKey(model, this.backend.library.llamaCppRelease);
    const limit = () => (this.keptFolder === undefined ? 0 : this.policy.snapshotBytes);
    const slots = new Slots(session, await Snapshots.open(join(this.snapshotFolder, key), limit));
    this.loaded = {
      ...{ session, slots, model, options },
      runner: new ChatRunner(session, slots, model.fileSampling),
      meter: new HistoryMeter((messages) => session.render(openHistory(messages)).length),
    };
    this.listener.model(this.served);
  }

  private async release(): Promise<void> {
    clearTimeout(this.saveTimer);
    const { loaded } = this;
    if (loaded === undefined) return;
    this.loaded = undefined;
    await loaded.slots.leaveAll();
    await loaded.session.dispose();
    this.listener.model(null);
  }

  private saveLater(): void {
    clearTimeout(this.saveTimer);
    this.saveTimer = setTimeout(() => {
      void this.scheduler.run(
        { kind: 'background', signal: new AbortController().signal },
        async () => this.loaded?.slots.saveAll(),
        cancelled,
      );
    }, saveAfterMs).unref();
  }
}

function sameOptions(one: LoadOptions, other: LoadOptions): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof LoadOptions>;
  return [...keys].every((key) => one[key] === other[key]);
}

function cancelled(): never {
  throw new RequestCancelled();
}

/** The result of a request that was cancelled before its turn. */
const neverRun: ChatResult = {
  text: '',
  thought: '',
  stopReason: 'cancelled',
  promptTokens: 0,
  reusedTokens: 0,
  outputTokens: 0,
  thoughtTokens: 0,
  prefillMs: 0,
  firstTokenMs: null,
  decodeMs: 0,
  tokensPerSecond: null,
};
