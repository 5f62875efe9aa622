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
  SimulatedUse,
  SimulateParams,
} from '../protocol/engine';
import type { OpenedBackend } from './backend';
import { calibrate } from './calibrate';
import { ChatRunner } from './chat';
import { problem, RequestCancelled } from './failure';
import { LlamaLibrary, type LlamaSession } from './llama';
import { HistoryMeter } from './measure';
import { loadModel } from './model';
import { openHistory } from './prompt';
import { Queue } from './queue';
import { Simulations } from './simulate';
import { StateFeed } from './stateFeed';

interface Loaded {
  session: LlamaSession;
  runner: ChatRunner;
  meter: HistoryMeter;
}

/** What clients can ask of the engine. Knows nothing of connections. */
export class EngineService {
  private readonly queue = new Queue();
  /** What reads llama.cpp's log and what silences it, one at a time. A chat does neither. */
  private readonly logging = new Queue();
  private readonly simulations: Simulations;
  private readonly feed: StateFeed;
  private loaded: Loaded | undefined;

  constructor(
    private readonly backend: OpenedBackend,
    tell: (state: EngineState) => void,
  ) {
    this.feed = new StateFeed(tell);
    this.simulations = new Simulations(backend.library, (job, signal) =>
      this.logging.run(job, signal, cancelled),
    );
  }

  get state(): EngineState {
    return this.feed.current;
  }

  async info(): Promise<EngineInfo> {
    const { library, fallback } = this.backend;
    const devices = await library.devices();
    return {
      pid: process.pid,
      libraryVersion: await LlamaLibrary.version(),
      llamaCppRelease: library.llamaCppRelease,
      nodeVersion: process.versions.node,
      backend: library.backend,
      ...(fallback !== undefined && { fallback }),
      devices: devices.map(({ name, totalBytes, freeBytes }) => ({ name, totalBytes, freeBytes })),
      mathCores: library.mathCores,
    };
  }

  /** Replaces the loaded model, once its own requests are done. A file with a bad header leaves it loaded. */
  async load(
    options: LoadOptions,
    onProgress: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<LoadedModel> {
    return await this.queue.run(
      async () => {
        // Before the library sees the file: some files hang or abort it.
        const header = await readGgufHeader(options.modelPath);
        await this.release();
        const progress = (fraction: number) => {
          this.feed.set({ kind: 'loading', modelPath: options.modelPath, progress: fraction });
          onProgress(fraction);
        };
        progress(0);
        try {
          const parts = { library: this.backend.library, header };
          const { session, described } = await this.logging.run(
            () => loadModel(parts, options, progress, signal),
            signal,
            cancelled,
          );
          this.loaded = {
            session,
            runner: new ChatRunner(session, described.fileSampling),
            meter: new HistoryMeter((messages) => session.render(openHistory(messages)).length),
          };
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
    await this.queue.run(
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
    return await this.queue.run(
      async () => {
        const { runner } = this.model;
        const listener = { progress: onProgress, state: (state: EngineState) => this.feed.set(state) };
        try {
          return await runner.run(request, arrivedAt, listener, signal);
        } finally {
          this.feed.set({ kind: 'ready' });
        }
      },
      signal,
      () => neverRun,
    );
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
    return await this.queue.run(
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
    await this.queue.run(() => this.release(), new AbortController().signal, cancelled);
    await this.backend.library.dispose();
  }

  private get model(): Loaded {
    if (this.loaded === undefined) throw problem('noModel', 'no model is loaded');
    return this.loaded;
  }

  private async release(): Promise<void> {
    const { loaded } = this;
    this.loaded = undefined;
    await loaded?.session.dispose();
  }
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
