import type { Engine } from '../engineClient/engine';
import type { System } from '../hardware/system';
import type { VramDevice } from '../hardware/vram';
import type { ChatProgress, ChatRequest } from '../protocol/engine';
import { countedBetween, readCounters, readProcessVram, type Counters, type ProcessVram } from './counters';

export interface WatchDeps {
  engine: Pick<Engine, 'chat' | 'snapshot'>;
  system: System;
  vram: () => Promise<VramDevice[]>;
  /** Milliseconds. */
  now: () => number;
}

/** What happened while a short question was answered; all measured. undefined: not told. */
export interface Watched {
  answer: {
    promptTokens: number;
    outputTokens: number;
    /** tok/s; null where too little came to tell. */
    prefill: number | null;
    decode: number | null;
    firstTokenSeconds: number | null;
    seconds: number;
  };
  counted: Counters;
  /** The most that was in use on all cards together, whoever used it, bytes. */
  vramPeakBytes: number | undefined;
  processVram: ProcessVram | undefined;
}

/** Long enough for a rate, short enough for a model that needs seconds for each token. */
const question: ChatRequest = {
  kind: 'background',
  messages: [
    { role: 'user', content: 'Count from 1 to 30, in digits, separated by commas. Write nothing else.' },
  ],
  sampling: { temperature: 0, maxTokens: 32 },
  thinking: { mode: 'off' },
};
const sampleMs = 1000;

/**
 * Asks the loaded model a short question and watches the machine meanwhile. The engine then reads the conversation
 * that was in its cache again.
 * Rejects with `EngineError`, and with the signal's reason where it was cancelled: half an answer tells nothing.
 * @param onProgress 0 … 1
 */
export async function watchQuestion(
  { engine, system, vram, now }: WatchDeps,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Watched> {
  const pid = engine.snapshot.info?.pid;
  const peaks = new PeakVram(vram, now);
  const before = await readCounters(system, pid);
  await peaks.sample();
  const started = now();
  let tokens = 0;
  const heard = (progress: ChatProgress) => {
    void peaks.sample();
    if (progress.kind === 'prefill') onProgress((0.3 * progress.done) / Math.max(1, progress.total));
    else if (progress.kind !== 'waiting')
      onProgress(0.3 + 0.7 * Math.min(1, (tokens += progress.tokens) / 32));
  };
  const result = await engine.chat(question, heard, signal);
  const seconds = (now() - started) / 1000;
  signal.throwIfAborted();
  const [after, processVram] = await Promise.all([
    readCounters(system, pid),
    readProcessVram(system, pid),
    peaks.sample(true),
  ]);
  const evaluated = result.promptTokens - result.reusedTokens;
  return {
    answer: {
      promptTokens: result.promptTokens,
      outputTokens: result.outputTokens,
      prefill: result.prefillMs > 0 && evaluated > 1 ? evaluated / (result.prefillMs / 1000) : null,
      decode: result.tokensPerSecond,
      firstTokenSeconds: result.firstTokenMs === null ? null : result.firstTokenMs / 1000,
      seconds,
    },
    counted: countedBetween(before, after),
    vramPeakBytes: peaks.bytes,
    processVram,
  };
}

/** The highest of several readings, at most one a second: each costs a process. */
class PeakVram {
  bytes: number | undefined;
  #sampledAt = -Infinity;

  constructor(
    private readonly vram: () => Promise<VramDevice[]>,
    private readonly now: () => number,
  ) {}

  async sample(always = false): Promise<void> {
    if (!always && this.now() - this.#sampledAt < sampleMs) return;
    this.#sampledAt = this.now();
    const devices = await this.vram();
    if (devices.length === 0) return;
    const used = devices.reduce((sum, device) => sum + device.usedBytes, 0);
    this.bytes = Math.max(this.bytes ?? 0, used);
  }
}
