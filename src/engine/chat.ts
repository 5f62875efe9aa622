import type {
  ChatProgress,
  ChatRequest,
  ChatResult,
  EngineState,
  Sampling,
  Thinking,
} from '../protocol/engine';
import { EngineProblem } from './failure';
import type { LlamaSession } from './llama';
import { log } from './log';
import { Prefill, type PrefillResult } from './prefill';
import { historyToAnswer } from './prompt';
import { resolveSampling } from './sampling';

/** Tokens of the context that stay free: closing a thought and the library's own look-ahead take a few. */
const reservedTokens = 16;

/** What one chat tells while it runs. */
export interface ChatListener {
  progress(progress: ChatProgress): void;
  state(state: EngineState): void;
}

/** Answers histories with one loaded model. The only place where tokens are counted and timed. */
export class ChatRunner {
  private readonly prefill: Prefill;

  constructor(
    private readonly session: LlamaSession,
    private readonly fileSampling: Partial<Sampling>,
  ) {
    this.prefill = new Prefill(session);
  }

  /**
   * @param arrivedAt when the request came, as `performance.now()` tells it
   * @throws EngineProblem `promptTooLong`, `badRequest`
   */
  async run(
    request: ChatRequest,
    arrivedAt: number,
    listener: ChatListener,
    signal: AbortSignal,
  ): Promise<ChatResult> {
    const history = historyToAnswer(request.messages);
    const tokens = this.session.render(history);
    const room = this.session.contextSize - reservedTokens - tokens.length;
    if (room < 1) throw this.tooLong(tokens.length);

    const evaluatedBefore = this.session.evaluatedTokens;
    const prefill = await this.prefill.run(tokens, signal, (progress) => {
      listener.progress(progress);
      const { done, total, tokensPerSecond } = progress;
      listener.state({ kind: 'prefilling', done, total, tokensPerSecond });
    });
    const answer = new Answer(arrivedAt, listener, () => {
      // The sampler has read the last token of the prompt as well.
      const progress = { done: tokens.length, total: tokens.length, reused: prefill.reused };
      listener.progress({ kind: 'prefill', ...progress, tokensPerSecond: rateOf(prefill) });
    });
    if (prefill.cancelled) return answer.result('cancelled', tokens.length, prefill);

    const sampling = resolveSampling(request.sampling, this.fileSampling);
    const wanted = Math.max(1, sampling.maxTokens ?? Infinity);
    const stop = await this.generate(
      () =>
        this.session.generate(history, {
          ...sampling,
          maxTokens: Math.min(wanted, room),
          thoughtTokens: thoughtTokens(request.thinking),
          signal,
          onPiece: (kind, text, count) => answer.add(kind, text, count),
        }),
      signal,
    );
    const stopReason =
      stop === 'abort' ? 'cancelled' : stop === 'maxTokens' && wanted > room ? 'contextFull' : stop;
    const result = answer.result(stopReason, tokens.length, prefill);
    this.report(result, prefill, this.session.evaluatedTokens - evaluatedBefore);
    return result;
  }

  /** The library throws where it was stopped before its first token. */
  private async generate<T>(run: () => Promise<T>, signal: AbortSignal): Promise<T | 'abort'> {
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

  constructor(
    private readonly arrivedAt: number,
    private readonly listener: ChatListener,
    private readonly onFirst: () => void,
  ) {}

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
    return this.firstAt === undefined ? 0 : this.lastAt - this.firstAt;
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
