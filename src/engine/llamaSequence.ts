import {
  LlamaChat,
  type ChatWrapper,
  type LlamaChatResponseFunctionCall,
  type ChatModelFunctions,
  type LlamaContext,
  type LlamaContextSequence,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import type { Generated, GenerateOptions } from './llamaOptions';
import type { ChatHistory } from './llamaSession';
import type { ToolCall } from '../protocol/engine';
import type { LlamaThreads } from './llamaThreads';

/** One KV cache of a context: the state of one conversation at a time. */
export class LlamaSequence {
  private sequence: LlamaContextSequence;
  /** Tokens evaluated in sequences that were thrown away. */
  private evaluatedBefore = 0;

  constructor(
    private readonly context: LlamaContext,
    private readonly chatWrapper: ChatWrapper,
    private readonly threads: LlamaThreads,
    /** How many are kept at most; 0: the state can be cut back at any token. */
    private readonly checkpoints: number,
  ) {
    this.sequence = this.fresh();
  }

  /** What the KV cache holds. */
  get tokens(): Token[] {
    return this.sequence.contextTokens;
  }

  /** How many tokens that is. */
  get length(): number {
    return this.sequence.nextTokenIndex;
  }

  /** How many of these tokens the KV cache begins with. */
  commonPrefix(tokens: readonly Token[]): number {
    const { firstDifferentIndex } = this.sequence.compareContextTokens([...tokens]);
    return Math.min(firstDifferentIndex, tokens.length);
  }

  /** Tokens that were ever evaluated here, generated ones included, by the library's own count. */
  get evaluatedTokens(): number {
    const { usedInputTokens, usedOutputTokens } = this.sequence.tokenMeter;
    return this.evaluatedBefore + usedInputTokens + usedOutputTokens;
  }

  /**
   * True where the state cannot be cut back at any token: models with a sliding window, recurrent and hybrid ones.
   * They go back to a checkpoint, or to the start.
   */
  get needsCheckpoints(): boolean {
    return this.checkpoints > 0;
  }

  /** Keeps the state as it is now, in RAM, to come back to. Without effect where the state can be cut anyway. */
  async takeCheckpoint(): Promise<void> {
    if (this.length > 0) await this.sequence.takeCheckpoint();
  }

  /** Drops from the KV cache what does not begin these tokens. Returns how many of them are in it. */
  async keepPrefix(tokens: Token[]): Promise<number> {
    await this.sequence.adaptStateToTokens(tokens, false);
    return this.sequence.nextTokenIndex;
  }

  /** Evaluates tokens after those in the KV cache. */
  async evaluate(tokens: Token[]): Promise<void> {
    await this.threads.prefill(() => this.sequence.evaluateWithoutGeneratingNewTokens(tokens));
  }

  /** Decodes token after token, whatever they say, while `more` says so. */
  async decode(more: () => boolean): Promise<void> {
    const [start] = this.context.model.tokenize('a');
    if (start === undefined) throw new Error('the vocabulary has no "a"');
    const tokens = this.sequence.evaluate([start], { temperature: 0, yieldEogToken: true });
    do await tokens.next();
    while (more());
    await tokens.return();
  }

  /**
   * Writes on, always the likeliest token, after those in the KV cache and `last`; to a token that is no text, or as
   * long as `goesOn` says so of the text so far.
   */
  async write(last: Token[], goesOn: (text: string, tokens: number) => boolean): Promise<void> {
    const { model } = this.context;
    const tokens = this.sequence.evaluate(last, { temperature: 0, yieldEogToken: true });
    const written: Token[] = [];
    try {
      for (;;) {
        const next = await tokens.next();
        if (next.done === true || isEnd(model, next.value)) return;
        written.push(next.value);
        const text = model.detokenize(written, false, last);
        // The rest of a character is still to come.
        const isCut = text.endsWith('\uFFFD');
        if (!goesOn(isCut ? '' : text, written.length)) return;
      }
    } finally {
      await tokens.return();
    }
  }

  /**
   * Answers a history whose tokens, but for the last, are in the KV cache. Between two tokens `options.pause` may
   * take its time, and the state with it, if it brings that back. A cancelled one ends there, and may throw.
   */
  async generate(history: ChatHistory, options: GenerateOptions): Promise<Generated> {
    // One for each answer: while one is paused another may be made, and each holds a lock of its own.
    const chat = new LlamaChat({
      contextSequence: pacedSequence(this.sequence, options.pause),
      chatWrapper: options.tools?.wrapper ?? this.chatWrapper,
    });
    try {
      return await respond(chat, history, options);
    } finally {
      chat.dispose();
    }
  }

  /** Writes the state to a file. Returns its size, bytes. Checkpoints are not in it. */
  async save(path: string): Promise<number> {
    const { fileSize } = await this.sequence.saveStateToFile(path);
    return fileSize;
  }

  /**
   * Takes the state from a file that `save` wrote with the same model and settings. A file that was damaged since
   * may abort the process: it must have been checked. Where this fails, only `renew` makes the sequence usable.
   */
  async load(path: string): Promise<void> {
    // Checkpoints of what was here would stay, and pass for those of the state that comes.
    await this.keepPrefix([]);
    await this.sequence.loadStateFromFile(path, { acceptRisk: true });
    // The file has none: without one the first cut would throw all of it away.
    await this.takeCheckpoint();
  }

  /** Throws the sequence away for an empty one. */
  async renew(): Promise<void> {
    this.evaluatedBefore = this.evaluatedTokens;
    await this.sequence.dispose();
    this.sequence = this.fresh();
  }

  private fresh(): LlamaContextSequence {
    const sequence = this.context.getSequence({ checkpoints: { max: this.checkpoints } });
    return Object.defineProperty(sequence, 'needsCheckpoints', { get: () => this.needsCheckpoints });
  }
}

async function respond(chat: LlamaChat, history: ChatHistory, options: GenerateOptions): Promise<Generated> {
  const { tools } = options;
  const { metadata, functionCalls } = await chat.generateResponse<ChatModelFunctions>(history, {
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
    ...(tools !== undefined && {
      functions: tools.functions,
      onFunctionCallParamsChunk: () => options.onCallPiece(),
    }),
  });
  const { stopReason } = metadata;
  return {
    stop: stopReason === 'maxTokens' || stopReason === 'abort' ? stopReason : 'end',
    toolCalls: (functionCalls ?? []).map(toolCall),
  };
}

function toolCall({ functionName, params }: LlamaChatResponseFunctionCall<ChatModelFunctions>): ToolCall {
  const input: unknown = params;
  return { name: functionName, input: isObject(input) ? input : {} };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Some models go on behind their own end, with another file or another gap to fill. */
function isEnd(model: LlamaModel, token: Token): boolean {
  return model.isEogToken(token) || model.getTokenAttributes(token).control;
}

/** The same sequence, held up before each token: the library asks `evaluate` for every one of an answer. */
function pacedSequence(sequence: LlamaContextSequence, before: () => Promise<void>): LlamaContextSequence {
  const evaluate: LlamaContextSequence['evaluate'] = (tokens, options) =>
    paced(sequence.evaluate(tokens, options), before);
  return new Proxy(sequence, {
    get: (target, key) => {
      if (key === 'evaluate') return evaluate;
      // The library would keep one more at each answer's first token, beside the one at the prompt's end.
      if (key === 'needsCheckpoints') return false;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
}

type Tokens = ReturnType<LlamaContextSequence['evaluate']>;

async function* paced(tokens: Tokens, before: () => Promise<void>): Tokens {
  let replacement: Parameters<Tokens['next']>[0];
  try {
    for (;;) {
      await before();
      const next: IteratorResult<Token, void> = await tokens.next(replacement);
      if (next.done === true) return;
      replacement = yield next.value;
    }
  } finally {
    await tokens.return();
  }
}

/** The library would cut the history in mid-word. The engine sees to it that it never has to. */
function neverShift(): never {
  throw new Error('the context overflowed');
}
