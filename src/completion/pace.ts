import type { CompleteResult } from '../protocol/engine';
import type { WindowSize } from './fimWindow';

/** Fewer tokens tell more of the clock than of the machine. */
const enough = { read: 16, written: 3 };
/** Of a usual suggestion. */
const usualTokens = 20;
/** Assumed until it was measured. */
const assumed = { tokensPerSecond: 200, charactersPerToken: 3 };
/** Requests that came to nothing in the longest wait, one after the other, until the model is held to be too slow. */
const mostOverdue = 3;

const debounceMs = { least: 75, unknown: 200, most: 500 };

/** What may be in a prompt, in characters. */
export interface PromptSize {
  window: WindowSize;
  /** Of other files, all together. */
  files: number;
}

/** What was learned of one model's speed in filling in, and what follows from it. */
export class Pace {
  /** Tokens a second. */
  private read = new Average();
  private written = new Average();
  /** Tokens of a prompt that were new, where most of it was read before. */
  private fresh = new Average();
  private seconds = new Average();
  private readonly sizing = {
    tokensPerSecond: assumed.tokensPerSecond,
    perToken: assumed.charactersPerToken,
  };
  private overdue = 0;

  observe(result: CompleteResult): void {
    const { readTokens, reusedTokens, outputTokens, prefillMs, decodeMs } = result;
    if (readTokens >= enough.read && prefillMs > 0) this.read.add(readTokens / (prefillMs / 1000));
    if (outputTokens >= enough.written && decodeMs > 0) this.written.add(outputTokens / (decodeMs / 1000));
    if (this.read.value !== undefined) {
      this.sizing.tokensPerSecond = settled(this.sizing.tokensPerSecond, this.read.value);
    }
    if (result.stopReason === 'cancelled') return;
    if (reusedTokens > readTokens) this.fresh.add(readTokens);
    this.seconds.add((prefillMs + decodeMs) / 1000);
    this.overdue = 0;
  }

  /** An automatic request was given up: it took longer than a person waits. What it read is there for the next one. */
  wasOverdue({ promptTokens, reusedTokens, readTokens }: CompleteResult): void {
    // It never had its turn: that tells of what the engine did meanwhile, not of the model's speed here.
    if (promptTokens === 0) return;
    const wasReading = reusedTokens + readTokens < promptTokens - 1;
    this.overdue += wasReading ? 0.5 : 1;
  }

  /** A prompt of so many characters had so many tokens. */
  observeSize(characters: number, tokens: number): void {
    if (tokens < enough.read) return;
    this.sizing.perToken = settled(this.sizing.perToken, Math.max(0.5, characters / tokens));
  }

  /** Of a usual suggestion from the key to the screen, estimated from what was measured; undefined before. */
  get expectedSeconds(): number | undefined {
    const read = this.read.value;
    if (read === undefined) return this.seconds.value;
    // Decode is never quicker than prefill.
    return (this.fresh.value ?? 0) / read + usualTokens / (this.written.value ?? read);
  }

  isTooSlow(longestWaitSeconds: number): boolean {
    return this.overdue >= mostOverdue || (this.expectedSeconds ?? 0) > longestWaitSeconds;
  }

  /** How long a person must have stopped typing, ms: longer where each try costs more. */
  get debounceMs(): number {
    const { least, unknown, most } = debounceMs;
    const seconds = this.seconds.value;
    return seconds === undefined ? unknown : Math.min(most, Math.max(least, seconds * 500));
  }

  /** What is read anew for each key shall take a small part of the longest wait, all of it about once that. */
  promptSize(longestWaitSeconds: number, contextTokens: number): PromptSize {
    const { tokensPerSecond, perToken } = this.sizing;
    const readable = tokensPerSecond * longestWaitSeconds;
    // The context is a hard limit, and characters only tell roughly of tokens.
    const room = contextTokens / 8;
    const characters = (tokens: number) => Math.floor(tokens * perToken);
    const prefix = powerOfTwo(readable / 2, 128, Math.min(1024, 2 * room));
    return {
      window: {
        prefix: characters(prefix),
        step: characters(prefix / 2),
        suffix: characters(powerOfTwo(readable / 8, 32, Math.min(256, room))),
      },
      files: readable < 256 ? 0 : characters(powerOfTwo(readable / 4, 64, Math.min(768, room))),
    };
  }
}

/** The last values weigh most. */
class Average {
  value: number | undefined;

  add(value: number): void {
    this.value = this.value === undefined ? value : this.value * 0.6 + value * 0.4;
  }
}

/** A window whose size followed each measurement would be read anew each time. */
function settled(used: number, measured: number): number {
  return measured > used * 1.5 || measured < used / 1.5 ? measured : used;
}

function powerOfTwo(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, 2 ** Math.floor(Math.log2(Math.max(1, value)))));
}
