import type { ChatProgress, ChatResult } from '../protocol/engine';

/** Collects an answer from its progress, for the case that its result never comes. */
export class PartialAnswer {
  private text = '';
  private thought = '';
  private tokens = 0;
  private thoughtTokens = 0;
  private tokensPerSecond: number | null = null;
  private prompt = { total: 0, reused: 0 };

  add(progress: ChatProgress): void {
    if (progress.kind === 'prefill') {
      this.prompt = { total: progress.total, reused: progress.reused };
      return;
    }
    if (progress.kind === 'waiting') return;
    this.tokens += progress.tokens;
    this.tokensPerSecond = progress.tokensPerSecond;
    if (progress.kind === 'text') {
      this.text += progress.text;
    } else {
      this.thought += progress.text;
      this.thoughtTokens += progress.tokens;
    }
  }

  /** The result of an answer that ended here. Its times were not measured. */
  cancelled(): ChatResult {
    return {
      text: this.text,
      thought: this.thought,
      stopReason: 'cancelled',
      promptTokens: this.prompt.total,
      reusedTokens: this.prompt.reused,
      outputTokens: this.tokens,
      thoughtTokens: this.thoughtTokens,
      prefillMs: 0,
      firstTokenMs: null,
      decodeMs: 0,
      tokensPerSecond: this.tokens < 2 ? null : this.tokensPerSecond,
    };
  }
}
