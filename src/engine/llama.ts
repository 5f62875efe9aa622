/** The only importer of node-llama-cpp: as much of the library as the engine needs, under the engine's own names. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  getLlama,
  getModuleVersion,
  GgmlType,
  GgufInsights,
  InsufficientMemoryError,
  LlamaChat,
  LlamaLogLevel,
  readGgufFileInfo,
  type ChatHistoryItem,
  type Llama,
  type LlamaContext,
  type LlamaContextSequence,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import type {
  Backend,
  DeviceInfo,
  KvCacheType,
  LoadedBuffer,
  PlanConfig,
  SimulatedUse,
} from '../protocol/engine';
import { captureConsole } from './captureConsole';
import type { HeldBytes, LlamaLog } from './llamaLog';
import type { GenerateOptions, SessionOptions } from './llamaOptions';
import { messageOf, problem, RequestCancelled } from './failure';

export type { Token };
export type ChatHistory = ChatHistoryItem[];

/** How long llama.cpp's lines may come after what they speak of, ms. */
const logDelayMs = 300;
/** By when its lines about a failure are there, ms. */
const lateMs = 20;

/** One backend of llama.cpp's. */
export class LlamaLibrary {
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
        // No limit over the context's own number of threads.
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
      const context = await model.createContext({
        sequences: options.sequences,
        contextSize: options.contextSize,
        batchSize: Math.min(options.batchSize, options.contextSize),
        threads: options.threads,
        flashAttention,
        ignoreMemorySafetyChecks: explicit,
        createSignal: options.signal,
      });
      await this.heard(() => this.log.isComplete);
      return new LlamaSession(model, context, this.log, options.batchSize);
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

const kvTypes = { f16: 'F16', q8_0: 'Q8_0', q4_0: 'Q4_0' } as const satisfies Record<KvCacheType, string>;

/** llama.cpp's own arithmetic for a file: it goes through a load without allocating anything. */
export class LlamaSimulator {
  constructor(
    private readonly insights: GgufInsights,
    private readonly log: LlamaLog,
  ) {}

  /**
   * Meanwhile the library hides all of llama.cpp's lines but errors: nothing else may be loaded at the same time.
   * @throws EngineProblem `loadFailed` where llama.cpp cannot load the file either
   */
  async use(config: PlanConfig): Promise<SimulatedUse> {
    const { gpuLayers, mmap, contextSize, batchSize, sequences, flashAttention } = config;
    const kvType = GgmlType[kvTypes[config.kvCacheType]];
    this.log.forgetProblems();
    const weights = await this.insights.estimateModelResourceRequirementsV2({ gpuLayers, useMmap: mmap });
    const context = await this.insights.estimateContextResourceRequirementsV2({
      ...{ modelGpuLayers: gpuLayers, useMmap: mmap, contextSize, batchSize, sequences, flashAttention },
      ...{ kvCacheKeyType: kvType, kvCacheValueType: kvType },
    });
    await this.checkExact();
    return { weights: required(weights), context: required(context) };
  }

  /** Where llama.cpp fails, the library says so in its log alone and answers with a rule of thumb. */
  private async checkExact(): Promise<void> {
    await delay(0);
    const guess = this.log.problems.find((line) => line.includes('Falling back to estimation heuristic'));
    if (guess === undefined) return;
    await delay(lateMs);
    throw problem('loadFailed', this.log.lastProblem ?? guess);
  }
}

function required({ cpuRam, gpuVram }: { cpuRam: number; gpuVram: number }): HeldBytes {
  return { ramBytes: cpuRam, vramBytes: gpuVram };
}

/** One loaded model with one context of one sequence, and the model's chat template. */
export class LlamaSession {
  /** Bytes of weights and context: llama.cpp's own figures, the library's where llama.cpp did not say. */
  readonly memory: HeldBytes;
  readonly buffers: LoadedBuffer[];
  readonly flashAttention: boolean;
  private readonly sequence: LlamaContextSequence;
  private readonly chat: LlamaChat;

  constructor(
    private readonly model: LlamaModel,
    private readonly context: LlamaContext,
    log: LlamaLog,
    readonly batchSize: number,
  ) {
    this.sequence = context.getSequence();
    this.chat = new LlamaChat({ contextSequence: this.sequence });
    this.buffers = log.buffers;
    const weights = log.modelBytes ?? estimate(model.memoryUsage);
    const state = log.contextBytes ?? estimate(context.memoryUsage);
    this.memory = {
      ramBytes: weights.ramBytes + state.ramBytes,
      vramBytes: weights.vramBytes + state.vramBytes,
    };
    const chosen = context.flashAttention === 'auto' ? model.flashAttentionSupported : context.flashAttention;
    this.flashAttention = log.flashAttention ?? chosen;
  }

  /** Tokens. */
  get contextSize(): number {
    return this.context.contextSize;
  }

  get trainContextSize(): number {
    return this.model.trainContextSize;
  }

  get gpuLayers(): number {
    return this.model.gpuLayers;
  }

  get isOffloaded(): boolean {
    return this.model.gpuLayers > 0;
  }

  get threads(): number {
    return this.context.idealThreads;
  }

  get usesMmap(): boolean {
    return this.model.useMmap;
  }

  get wrapperName(): string {
    return this.chat.chatWrapper.wrapperName;
  }

  get supportsThinking(): boolean {
    return this.chat.chatWrapper.settings.segments?.thought !== undefined;
  }

  /** Tokens of a plain text. */
  count(text: string): number {
    return this.model.tokenize(text).length;
  }

  /** A history as the model's template renders it. */
  render(history: ChatHistory): Token[] {
    const { contextText } = this.chat.chatWrapper.generateContextState({ chatHistory: history });
    return contextText.tokenize(this.model.tokenizer);
  }

  /** Drops from the KV cache what does not begin these tokens. Returns how many of them are in it. */
  async keepPrefix(tokens: Token[]): Promise<number> {
    await this.sequence.adaptStateToTokens(tokens, false);
    return this.sequence.nextTokenIndex;
  }

  /** Evaluates tokens after those in the KV cache. */
  async evaluate(tokens: Token[]): Promise<void> {
    await this.sequence.evaluateWithoutGeneratingNewTokens(tokens);
  }

  /** So many tokens that mean nothing. */
  anyTokens(count: number): Token[] {
    const [token] = this.model.tokenize('a');
    if (token === undefined) throw new Error('the vocabulary has no "a"');
    return Array.from({ length: count }, () => token);
  }

  /** Decodes token after token, whatever they say, while `more` says so. */
  async decode(more: () => boolean): Promise<void> {
    const start = this.anyTokens(1);
    const tokens = this.sequence.evaluate(start, { temperature: 0, yieldEogToken: true });
    do await tokens.next();
    while (more());
    await tokens.return();
  }

  /** Tokens that were ever evaluated here, generated ones included, by the library's own count. */
  get evaluatedTokens(): number {
    const { usedInputTokens, usedOutputTokens } = this.sequence.tokenMeter;
    return usedInputTokens + usedOutputTokens;
  }

  /**
   * Answers a history whose tokens, but for the last, are in the KV cache.
   * A cancelled one ends between two tokens, and may throw then.
   */
  async generate(history: ChatHistory, options: GenerateOptions): Promise<'end' | 'maxTokens' | 'abort'> {
    const { metadata } = await this.chat.generateResponse(history, {
      temperature: options.temperature,
      topK: options.topK,
      topP: options.topP,
      minP: options.minP,
      ...(options.seed !== undefined && { seed: options.seed }),
      maxTokens: options.maxTokens,
      repeatPenalty: false,
      budgets: { thoughtTokens: options.thoughtTokens },
      signal: options.signal,
      stopOnAbortSignal: true,
      onResponseChunk: (chunk) =>
        options.onPiece(chunk.type === 'segment' ? 'thought' : 'text', chunk.text, chunk.tokens.length),
      contextShift: { strategy: neverShift },
    });
    if (metadata.stopReason === 'maxTokens') return 'maxTokens';
    return metadata.stopReason === 'abort' ? 'abort' : 'end';
  }

  /** Frees weights and context. */
  async dispose(): Promise<void> {
    this.chat.dispose();
    await this.context.dispose();
    await this.model.dispose();
  }
}

function estimate({ ram, vram }: { ram: number; vram: number }): HeldBytes {
  return { ramBytes: ram, vramBytes: vram };
}

/** The library would cut the history in mid-word. The engine sees to it that it never has to. */
function neverShift(): never {
  throw new Error('the context overflowed');
}
