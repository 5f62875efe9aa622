import type {
  ChatProgress,
  ChatRequest,
  ChatResult,
  EngineState,
  Sampling,
  Thinking,
} from '../protocol/engine';
import { EngineProblem } from './failure';
import type { LlamaSequence } from './llamaSequence';
import type { ChatHistory, LlamaSession, Token } from './llamaSession';
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
    const history = historyToAnswer(job.request.messages);
    const tokens = this.session.render(history);
    const room = this.session.contextSize - reservedTokens - tokens.length;
    if (room < 1) throw this.tooLong(tokens.length);
    const lease: Lease = job.request;
    try {
      const sequence = await this.slots.enter(lease, tokens.slice(0, -1));
      return await this.answer(job, sequence, tokens, room);
    } finally {
      await this.slots.leave(lease);
    }
  }

  private async answer(
    { request, arrivedAt, turn, listener, signal }: ChatJob,
    sequence: LlamaSequence,
    tokens: Token[],
    room: number,
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
      stops: this.stops(request, tokens, sequence),
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
    const stop = await this.untilAborted(signal, () =>
      sequence.generate(historyToAnswer(request.messages), {
        ...sampling,
        maxTokens: Math.min(wanted, room),
        thoughtTokens: thoughtTokens(request.thinking),
        signal,
        pause: async () => answer.leaveOut(await pause()),
        onPiece: (kind, text, count) => answer.add(kind, text, count),
      }),
    );
    const stopReason =
      stop === 'abort' ? 'cancelled' : stop === 'maxTokens' && wanted > room ? 'contextFull' : stop;
    const result = answer.result(stopReason, tokens.length, prefill);
    this.report(result, prefill, sequence.evaluatedTokens - evaluatedBefore);
    return result;
  }

  /** Where the prompt's turns begin and end: what is kept there serves the next prompt. */
  private stops(request: ChatRequest, tokens: Token[], sequence: LlamaSequence): PrefillStop[] {
    const { messages, conversation } = request;
    const render = (history: ChatHistory) => this.session.render(history);
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
  private async untilAborted<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T | 'abort'> {
    try {
      return await run();
    } catch (error) {
      if (signal.aborted) return 'abort';
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
  private readonly tokens = { text: 0, thought: 0 };
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
    this.lastAt = performance.now();
    if (this.firstAt === undefined) {
      this.firstAt = this.lastAt;
      this.firstTokens = Math.max(1, count);
      this.onFirst();
    }
    this.texts[kind] += text;
    this.tokens[kind] += count;
    const rate = this.rate ?? 0;
    this.listener.progress({ kind, text, tokens: count, tokensPerSecond: rate });
    this.listener.state({ kind: 'generating', rate, tokens: this.count });
  }

  result(stopReason: ChatResult['stopReason'], promptTokens: number, prefill: PrefillResult): ChatResult {
    return {
      text: this.texts.text,
      thought: this.texts.thought,
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

  private get count(): number {
    return this.tokens.text + this.tokens.thought;
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
