import type { ChatProgress } from '../protocol/engine';
import type { LlamaSequence } from './llamaSequence';
import type { LlamaSession, Token } from './llamaSession';

/** How long one chunk may take, ms: a stop is obeyed between chunks. */
const usualChunkMs = 500;
/** Chunks are whole multiples of it: a smaller one loses more in speed than it gains in ease of stopping. */
const chunkStep = 32;

export type PrefillProgress = Extract<ChatProgress, { kind: 'prefill' }>;

export interface PrefillRequest {
  sequence: LlamaSequence;
  tokens: Token[];
  /** Numbers of tokens at which a chunk ends, each with what is to be done there; ascending. */
  stops: readonly PrefillStop[];
  /** Awaited before each chunk. Resolves to the time it took, ms. */
  pause: () => Promise<number>;
  signal: AbortSignal;
  onProgress: (progress: PrefillProgress) => void;
}

export interface PrefillStop {
  at: number;
  reached: () => Promise<void>;
}

export interface PrefillResult {
  cancelled: boolean;
  /** Tokens that were in the KV cache already. */
  reused: number;
  /** Tokens evaluated here, in how many chunks and ms, pauses left out. */
  evaluated: number;
  chunks: number;
  ms: number;
}

/** Evaluates prompts in chunks, and remembers how fast that goes. */
export class Prefill {
  /** Tokens a second, measured; undefined before the first chunk. */
  private rate: number | undefined;

  /** @param chunkMs how long one chunk may take: what is often stopped loses a little speed for shorter ones */
  constructor(
    private readonly session: LlamaSession,
    private readonly chunkMs = usualChunkMs,
  ) {}

  /**
   * Brings the sequence to the prompt, all but its last token: that one is left for the sampler.
   * What is cancelled stays in the KV cache up to the last whole chunk.
   */
  async run({ sequence, tokens, stops, pause, signal, onProgress }: PrefillRequest): Promise<PrefillResult> {
    const start = performance.now();
    const end = tokens.length - 1;
    const reused = await sequence.keepPrefix(tokens.slice(0, end));
    let done = reused;
    let chunks = 0;
    let paused = 0;
    const tell = () => {
      const seconds = (performance.now() - start - paused) / 1000;
      const tokensPerSecond = done === reused ? 0 : (done - reused) / seconds;
      onProgress({ kind: 'prefill', done, total: tokens.length, reused, tokensPerSecond });
    };
    tell();
    while (done < end && !signal.aborted) {
      try {
        paused += await pause();
      } catch (error) {
        if (isAborted(signal)) break;
        throw error;
      }
      const next = stops.find(({ at }) => at > done && at <= end);
      const size = Math.min(this.chunkSize(), (next?.at ?? end) - done);
      const began = performance.now();
      await sequence.evaluate(tokens.slice(done, done + size));
      this.learn(size, performance.now() - began);
      done += size;
      chunks++;
      tell();
      if (done === next?.at) await next.reached();
    }
    return {
      cancelled: signal.aborted,
      reused,
      evaluated: done - reused,
      chunks,
      ms: performance.now() - start - paused,
    };
  }

  private chunkSize(): number {
    const { batchSize, isOffloaded } = this.session;
    // With layers on a device each batch copies the other weights there: small ones would pay for it again and again.
    if (isOffloaded) return batchSize;
    const wanted = this.rate === undefined ? chunkStep : (this.rate * this.chunkMs) / 1000;
    // Up: between 32 and 64 tokens slow machines gain a tenth.
    return Math.min(Math.ceil(wanted / chunkStep) * chunkStep, batchSize);
  }

  private learn(tokens: number, ms: number): void {
    // A few tokens say little about a whole chunk.
    if (tokens < chunkStep) return;
    const rate = tokens / Math.max(ms / 1000, 1e-4);
    this.rate = this.rate === undefined ? rate : this.rate * 0.5 + rate * 0.5;
  }
}

/** Read anew: the compiler would hold an earlier answer to be true still. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
