import type {
  ChatProgress,
  ChatRequest,
  ChatResult,
  EngineState,
  Sampling,
  Thinking,
  ToolCall,
} from '../protocol/engine';
import { EngineProblem } from './failure';
import type { Generated } from './llamaOptions';
import type { LlamaSequence } from './llamaSequence';
import type { ChatHistory, LlamaSession, Token } from './llamaSession';
import type { LlamaTools } from './llamaTools';
import { log } from './log';
import { Prefill, type PrefillResult, type PrefillStop } from './prefill';
import { historyToAnswer, lastTurnStart, sharedPrefix } from './prompt';
import { resolveSampling } from './sampling';
import type { Turn } from './scheduler';
import type { Lease, Slots } from './slots';

/** Tokens of the context that stay free: closing a thought and the library's own look-ahead take a few. */
const reservedTokens = 16;

/** What one chat tells while it runs. */
export interface ChatListener {
  progress(progress: ChatProgress): void;
  state(state: EngineState): void;
}

export interface ChatJob {
  request: ChatRequest;
  /** When the request came, as `performance.now()` tells it. */
  arrivedAt: number;
  turn: Turn;
  listener: ChatListener;
  signal: AbortSignal;
}

interface RenderedPrompt {
  tokens: Token[];
  /** Tokens that an answer may have. */
  room: number;
  tools: LlamaTools | undefined;
}

/** Answers histories with one loaded model. The only place where tokens are counted and timed. */
export class ChatRunner {
  private readonly prefill: Prefill;

  constructor(
    private readonly session: LlamaSession,
    private readonly slots: Slots,
    private readonly fileSampling: Partial<Sampling>,
  ) {
    this.prefill = new Prefill(session);
  }

  /** @throws EngineProblem `promptTooLong`, `badRequest` */
  async run(job: ChatJob): Promise<ChatResult> {
    const { messages, tools: allowed, mustCallTool } = job.request;
    const history = historyToAnswer(messages);
    const tools = this.session.tools(allowed, mustCallTool);
    const tokens = this.session.render(history, tools);
    const room = this.session.contextSize - reservedTokens - tokens.length;
    if (room < 1) throw this.tooLong(tokens.length);
    const lease: Lease = job.request;
    try {
      const sequence = await this.slots.enter(lease, tokens.slice(0, -1));
      return await this.answer(job, sequence, { tokens, room, tools });
    } finally {
      await this.slots.leave(lease);
    }
  }

  private async answer(
    { request, arrivedAt, turn, listener, signal }: ChatJob,
    sequence: LlamaSequence,
    { tokens, room, tools }: RenderedPrompt,
  ): Promise<ChatResult> {
    let evaluatedBefore = sequence.evaluatedTokens;
    /** Resolves to the time that others took, ms. */
    const pause = async () => {
      const began = performance.now();
      const evaluated = sequence.evaluatedTokens;
      if (!(await turn.pause())) return 0;
      evaluatedBefore += sequence.evaluatedTokens - evaluated;
      await this.slots.back(request);
      return performance.now() - began;
    };
    const answer = new Answer(arrivedAt, listener);
    const prefill = await this.prefill.run({
      ...{ sequence, tokens, pause, signal },
      stops: this.stops(request, tokens, sequence, tools),
      onProgress: (progress) => {
        listener.progress(progress);
        const { done, total, tokensPerSecond } = progress;
        listener.state({ kind: 'prefilling', done, total, tokensPerSecond });
      },
    });
    answer.onFirst = () => {
      // The sampler has read the last token of the prompt as well.
      const progress = { done: tokens.length, total: tokens.length, reused: prefill.reused };
      listener.progress({ kind: 'prefill', ...progress, tokensPerSecond: rateOf(prefill) });
    };
    if (prefill.cancelled) return answer.result('cancelled', tokens.length, prefill);

    const sampling = resolveSampling(request.sampling, this.fileSampling);
    const wanted = Math.max(1, sampling.maxTokens ?? Infinity);
    const { stop, toolCalls } = await this.untilAborted(signal, () =>
      sequence.generate(historyToAnswer(request.messages), {
        ...sampling,
        maxTokens: Math.min(wanted, room),
        thoughtTokens: thoughtTokens(request.thinking),
        ...{ tools, signal },
        pause: async () => answer.leaveOut(await pause()),
        onPiece: (kind, text, count) => answer.add(kind, text, count),
        onCallPiece: () => answer.addCallToken(),
      }),
    );
    const stopReason =
      stop === 'abort' ? 'cancelled' : stop === 'maxTokens' && wanted > room ? 'contextFull' : stop;
    const result = answer.result(stopReason, tokens.length, prefill, toolCalls);
    this.report(result, prefill, sequence.evaluatedTokens - evaluatedBefore);
    return result;
  }

  /** Where the prompt's turns begin and end: what is kept there serves the next prompt. */
  private stops(
    request: ChatRequest,
    tokens: Token[],
    sequence: LlamaSequence,
    tools: LlamaTools | undefined,
  ): PrefillStop[] {
    const { messages, conversation } = request;
    const render = (history: ChatHistory) => this.session.render(history, tools);
    const checkpoint = () => sequence.takeCheckpoint();
    const stops: PrefillStop[] = [];
    if (conversation !== undefined) {
      const reached = async () => {
        await this.slots.share(sequence);
        await checkpoint();
      };
      stops.push({ at: sharedPrefix(messages, tokens, render), reached });
    }
    if (sequence.needsCheckpoints) {
      const turnStart = lastTurnStart(messages, tokens, render);
      const answerStart = tokens.length - 1;
      this.slots.setBoundaries(request, { turn: turnStart, answer: answerStart });
      stops.push({ at: turnStart, reached: checkpoint });
      stops.push({ at: answerStart, reached: checkpoint });
    }
    return stops.sort((a, b) => a.at - b.at);
  }

  /** The library throws where it was stopped before its first token, and a pause where it was cancelled in it. */
  private async untilAborted(signal: AbortSignal, run: () => Promise<Generated>): Promise<Generated> {
    try {
      return await run();
    } catch (error) {
      if (signal.aborted) return { stop: 'abort', toolCalls: [] };
      throw error;
    }
  }

  private tooLong(needed: number): EngineProblem {
    const available = this.session.contextSize - reservedTokens - 1;
    return new EngineProblem({
      reason: 'promptTooLong',
      detail: `the prompt has ${needed} tokens, the context has room for ${available}`,
      tokens: { needed, available },
    });
  }

  /** Numbers alone: what was asked and answered is nobody's business. */
  private report(result: ChatResult, prefill: PrefillResult, evaluated: number): void {
    const rate = result.tokensPerSecond === null ? 'no rate' : `${result.tokensPerSecond.toFixed(1)} tok/s`;
    log(
      'info',
      `chat: prompt ${result.promptTokens}, reused ${prefill.reused}, prefilled ${prefill.evaluated} in ${prefill.chunks} chunks ` +
        `(${rateOf(prefill).toFixed(1)} tok/s), evaluated ${evaluated} in all, output ${result.outputTokens} (${rate}), ${result.stopReason}`,
    );
  }
}

/** What came so far, and when. */
class Answer {
  private readonly texts = { text: '', thought: '' };
  private readonly tokens = { text: 0, thought: 0, call: 0 };
  private firstAt: number | undefined;
  private lastAt = 0;
  /** Tokens of the piece that came first: they are there when the clock starts. */
  private firstTokens = 0;
  /** Since the first token, ms. */
  private leftOut = 0;
  onFirst: () => void = () => undefined;

  constructor(
    private readonly arrivedAt: number,
    private readonly listener: ChatListener,
  ) {}

  /** Time that other requests took between two tokens, ms. */
  leaveOut(ms: number): void {
    if (this.firstAt !== undefined) this.leftOut += ms;
  }

  add(kind: 'text' | 'thought', text: string, count: number): void {
    if (count === 0 && text === '') return;
    this.came(count);
    this.texts[kind] += text;
    this.tokens[kind] += count;
    this.listener.progress({ kind, text, tokens: count, tokensPerSecond: this.rate ?? 0 });
    this.tell();
  }

  /** One of the arguments of a call, which is of no use before all of them are there. */
  addCallToken(): void {
    this.came(1);
    this.tokens.call++;
    this.tell();
  }

  result(
    stopReason: ChatResult['stopReason'],
    promptTokens: number,
    prefill: PrefillResult,
    toolCalls: ToolCall[] = [],
  ): ChatResult {
    return {
      text: this.texts.text,
      thought: this.texts.thought,
      ...(toolCalls.length > 0 && { toolCalls }),
      stopReason,
      promptTokens,
      reusedTokens: prefill.reused,
      outputTokens: this.count,
      thoughtTokens: this.tokens.thought,
      prefillMs: prefill.ms,
      firstTokenMs: this.firstAt === undefined ? null : this.firstAt - this.arrivedAt,
      decodeMs: this.decodeMs,
      tokensPerSecond: this.rate ?? null,
    };
  }

  private came(count: number): void {
    this.lastAt = performance.now();
    if (this.firstAt !== undefined) return;
    this.firstAt = this.lastAt;
    this.firstTokens = Math.max(1, count);
    this.onFirst();
  }

  private tell(): void {
    this.listener.state({ kind: 'generating', rate: this.rate ?? 0, tokens: this.count });
  }

  private get count(): number {
    return this.tokens.text + this.tokens.thought + this.tokens.call;
  }

  private get decodeMs(): number {
    return this.firstAt === undefined ? 0 : this.lastAt - this.firstAt - this.leftOut;
  }

  /** Tokens a second after the first piece. */
  private get rate(): number | undefined {
    const timed = this.count - this.firstTokens;
    return timed < 1 || this.decodeMs <= 0 ? undefined : timed / (this.decodeMs / 1000);
  }
}

function rateOf({ evaluated, ms }: PrefillResult): number {
  return ms <= 0 ? 0 : evaluated / (ms / 1000);
}

function thoughtTokens(thinking: Thinking): number {
  switch (thinking.mode) {
    case 'on':
      return Infinity;
    case 'off':
      return 0;
    case 'budget':
      return thinking.tokens;
  }
}
