import type { ChatHistoryItem, ChatWrapper, LlamaContext, LlamaModel, Token } from 'node-llama-cpp';
import type { LoadedBuffer, Tool, ToolCalling } from '../protocol/engine';
import type { SessionOptions } from './llamaOptions';
import type { HeldBytes, LlamaLog } from './llamaLog';
import { LlamaSequence } from './llamaSequence';
import { LlamaThreads } from './llamaThreads';
import { toolCallingOf, toolsFor, type LlamaTools } from './llamaTools';
import { cutWholeWindowsOnly } from './wholeWindow';

export type { Token };
export type ChatHistory = ChatHistoryItem[];

/** One loaded model with its chat template, and one context with a KV cache for each sequence. */
export class LlamaSession {
  /** Bytes of weights and context: llama.cpp's own figures, the library's where llama.cpp did not say. */
  readonly memory: HeldBytes;
  readonly buffers: LoadedBuffer[];
  readonly flashAttention: boolean;
  readonly firstSequence: LlamaSequence;
  /** At least one. */
  readonly sequences: readonly LlamaSequence[];
  readonly batchSize: number;
  private readonly model: LlamaModel;
  private readonly context: LlamaContext;
  private readonly wrapper: ChatWrapper;
  private readonly threads: LlamaThreads;

  constructor(
    { model, context, wrapper }: { model: LlamaModel; context: LlamaContext; wrapper: ChatWrapper },
    log: LlamaLog,
    { batchSize, checkpoints, threads, prefillThreads }: SessionOptions,
  ) {
    this.model = model;
    this.context = context;
    this.batchSize = batchSize;
    this.threads = new LlamaThreads(model.llama, { decode: threads, prefill: prefillThreads });
    this.wrapper = wrapper;
    const { window, most } = checkpoints;
    if (window > 0) cutWholeWindowsOnly(context, window);
    const { isRecurrent, isHybrid } = model.fileInsights;
    // Of windows the library knows only what a file says: some architectures ignore that, some have one unsaid.
    const needed = isRecurrent || isHybrid || window > 0;
    const sequence = () => new LlamaSequence(context, wrapper, this.threads, needed ? most : 0);
    this.firstSequence = sequence();
    const others = Array.from({ length: context.totalSequences - 1 }, sequence);
    this.sequences = [this.firstSequence, ...others];
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

  /** Tokens, of each sequence. */
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

  get usesMmap(): boolean {
    return this.model.useMmap;
  }

  get wrapperName(): string {
    return this.wrapper.wrapperName;
  }

  get supportsThinking(): boolean {
    return this.wrapper.settings.segments?.thought !== undefined;
  }

  get toolCalling(): ToolCalling {
    return toolCallingOf(this.wrapper);
  }

  /**
   * What a request lets the model call; undefined where that is nothing.
   * @throws EngineProblem `badRequest`
   */
  tools(tools: readonly Tool[] = [], mustCall = false): LlamaTools | undefined {
    return tools.length === 0 ? undefined : toolsFor(this.wrapper, tools, mustCall);
  }

  /** Tokens of a plain text. */
  count(text: string): number {
    return this.model.tokenize(text).length;
  }

  /** Of plain text that stands behind other tokens: no space is put before it. */
  tokenize(text: string): Token[] {
    return this.model.tokenize(text, false, 'trimLeadingSpace');
  }

  /** What the vocabulary has each text begin with. */
  get beginning(): Token[] {
    const { bos, shouldPrependBosToken } = this.model.tokens;
    return shouldPrependBosToken && bos !== null ? [bos] : [];
  }

  /** A history as the model's template renders it. */
  render(history: ChatHistory, tools?: LlamaTools): Token[] {
    const wrapper = tools?.wrapper ?? this.wrapper;
    const { contextText } = wrapper.generateContextState({ chatHistory: history });
    return contextText.tokenize(this.model.tokenizer);
  }

  /** So many tokens that mean nothing. */
  anyTokens(count: number): Token[] {
    const [token] = this.model.tokenize('a');
    if (token === undefined) throw new Error('the vocabulary has no "a"');
    return Array.from({ length: count }, () => token);
  }

  /** Frees weights and context. */
  async dispose(): Promise<void> {
    await this.context.dispose();
    await this.model.dispose();
  }
}

function estimate({ ram, vram }: { ram: number; vram: number }): HeldBytes {
  return { ramBytes: ram, vramBytes: vram };
}
