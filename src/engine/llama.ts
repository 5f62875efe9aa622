/** With its neighbours llama….ts the only importer of node-llama-cpp: as much of it as is needed, under the engine's own names. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  getLlama,
  getModuleVersion,
  GgufInsights,
  InsufficientMemoryError,
  LlamaLogLevel,
  readGgufFileInfo,
  type Llama,
  type LlamaModel,
} from 'node-llama-cpp';
import type { Backend, DeviceInfo } from '../protocol/engine';
import { captureConsole } from './captureConsole';
import { messageOf, problem, RequestCancelled } from './failure';
import { lateMs, type LlamaLog } from './llamaLog';
import { kvTypes, type SessionOptions } from './llamaOptions';
import { LlamaSession } from './llamaSession';
import { LlamaSimulator } from './llamaSimulator';
import { LlamaWrappers } from './llamaWrappers';

/** How long llama.cpp's lines may come after what they speak of, ms. */
const logDelayMs = 300;

/** One backend of llama.cpp's. */
export class LlamaLibrary {
  private readonly wrappers = new LlamaWrappers();

  private constructor(
    private readonly llama: Llama,
    private readonly log: LlamaLog,
  ) {}

  /** @throws Error where there is no binary for the backend, or it does not run here */
  static async open(backend: Backend | 'auto', log: LlamaLog): Promise<LlamaLibrary> {
    const restore = captureConsole(log);
    try {
      const llama = await getLlama({
        gpu: backend === 'cpu' ? false : backend,
        build: 'never',
        skipDownload: true,
        progressLogs: 'stderr',
        logLevel: LlamaLogLevel.info,
        logger: (level, message) => log.record(level, message),
        // No limit over a context's own number of threads; a session sets one.
        maxThreads: 0,
      });
      return new LlamaLibrary(llama, log);
    } finally {
      restore();
    }
  }

  get backend(): Backend {
    return this.llama.gpu === false ? 'cpu' : this.llama.gpu;
  }

  get mathCores(): number {
    return this.llama.cpuMathCores;
  }

  get llamaCppRelease(): string {
    return this.llama.llamaCppRelease.release;
  }

  static version(): Promise<string> {
    return getModuleVersion();
  }

  /** The GPUs. The library tells the memory of all together: several are told as one. */
  async devices(): Promise<(DeviceInfo & { usedBytes: number })[]> {
    if (this.llama.gpu === false) return [];
    const names = await this.llama.getGpuDeviceNames();
    if (names.length === 0) return [];
    const { total, free, used } = await this.llama.getVramState();
    return [{ name: names.join(' + '), totalBytes: total, freeBytes: free, usedBytes: used }];
  }

  /**
   * Loads a model and makes its context. Nothing stays loaded where that fails.
   * @throws EngineProblem `doesNotFit` or `loadFailed`, with llama.cpp's last error line; RequestCancelled
   */
  async load(options: SessionOptions): Promise<LlamaSession> {
    this.log.forgetProblems();
    this.log.forgetModel();
    // An explicit number of layers is the person's decision: the library's own reserve would refuse it.
    const explicit = options.gpuLayers !== null;
    const kvType = kvTypes[options.kvCacheType];
    // "Experimental" in the library: other types than these may be unstable. There is no other way to choose them.
    const kvCache = {
      experimentalDefaultContextKvCacheKeyType: kvType,
      experimentalDefaultContextKvCacheValueType: kvType,
    };
    const flashAttention = options.flashAttention === 'auto' ? 'auto' : options.flashAttention === 'on';
    let model: LlamaModel | undefined;
    try {
      model = await this.llama.loadModel({
        modelPath: options.modelPath,
        gpuLayers: options.gpuLayers ?? { fitContext: { contextSize: options.contextSize } },
        useMmap: options.mmap,
        useMlock: options.mlock,
        defaultContextFlashAttention: flashAttention,
        ...kvCache,
        ignoreMemorySafetyChecks: explicit,
        onLoadProgress: options.onProgress,
        loadSignal: options.signal,
      });
      // The library simulates the context first, and hides then what is still to come of the model's lines.
      await this.heard(() => this.log.modelBytes !== undefined);
      // An earlier session's limit would lower the context's number.
      this.llama.maxThreads = 0;
      const context = await model.createContext({
        sequences: options.sequences,
        contextSize: options.contextSize,
        batchSize: Math.min(options.batchSize, options.contextSize),
        threads: Math.max(options.threads, options.prefillThreads),
        flashAttention,
        ignoreMemorySafetyChecks: explicit,
        createSignal: options.signal,
      });
      await this.heard(() => this.log.isComplete);
      const wrapper = await this.wrappers.of(model, options.modelPath);
      return new LlamaSession({ model, context, wrapper }, this.log, options);
    } catch (error) {
      await model?.dispose();
      if (options.signal.aborted) throw new RequestCancelled();
      throw await this.loadProblem(error);
    }
  }

  /** Simulates loads of a model, of which it sees the header alone. The header must have been checked. */
  async simulator(header: Buffer): Promise<LlamaSimulator> {
    const folder = mkdtempSync(join(tmpdir(), 'layercake-header-'));
    try {
      const path = join(folder, 'header.gguf');
      writeFileSync(path, header);
      const info = await readGgufFileInfo(path, { sourceType: 'filesystem', logWarnings: false });
      const sourceData = [{ type: 'buffer' as const, buffer: header }];
      return new LlamaSimulator(await GgufInsights.from({ ...info, sourceData }, this.llama), this.log);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async dispose(): Promise<void> {
    await this.llama.dispose();
  }

  /** Waits for lines, which come from another thread. */
  private async heard(isThere: () => boolean): Promise<void> {
    for (let waited = 0; waited < logDelayMs && !isThere(); waited += 10) await delay(10);
    // Those after the first come in the same turn, if they are late.
    await delay(0);
  }

  private async loadProblem(error: unknown): Promise<Error> {
    await delay(lateMs);
    const line = this.log.lastProblem;
    const message = messageOf(error);
    const detail = line === undefined || message.includes(line) ? message : `${message} (${line})`;
    const memory = /memory|allocate|VRAM/i.test(detail);
    return problem(error instanceof InsufficientMemoryError || memory ? 'doesNotFit' : 'loadFailed', detail);
  }
}
