import { Emitter, type Event } from 'vscode-jsonrpc';
import type { Engine, EngineSnapshot } from '../engineClient/engine';
import { fromEngine, type VramDevice, type VramReader } from './vram';

/** What the graphics cards and the engine hold at one moment; all measured. */
export interface MemoryReading {
  /** Empty where no card is known. */
  devices: VramDevice[];
  /** RAM of the engine process, in bytes; undefined where it did not answer. */
  engineRamBytes: number | undefined;
}

/** Whether the person looks at this window. */
export interface WindowFocus {
  readonly focused: boolean;
  readonly onDidChange: Event<unknown>;
}

/** Timers, replaceable in tests. Milliseconds. */
export interface Timers {
  set(callback: () => void, ms: number): unknown;
  clear(handle: unknown): void;
}

export const busyIntervalMs = 2000;
export const idleIntervalMs = 5000;

const realTimers: Timers = {
  set: (callback, ms) => setTimeout(callback, ms),
  clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

/**
 * Reads the memory again and again, but only while the window is focused and a model is loaded: a poll costs a
 * process, and nobody sees it otherwise. One poll at a time.
 */
export class VramMonitor {
  #reading: MemoryReading | undefined;
  #timer: unknown;
  #timerMs = 0;
  #polling = false;
  #disposed = false;
  readonly #emitter = new Emitter<MemoryReading | undefined>();
  readonly #subscriptions: { dispose(): void }[];

  constructor(
    private readonly engine: Pick<Engine, 'snapshot' | 'onDidChange' | 'memory'>,
    private readonly vram: Pick<VramReader, 'read'>,
    private readonly focus: WindowFocus,
    private readonly timers: Timers = realTimers,
  ) {
    this.#subscriptions = [
      engine.onDidChange((snapshot) => this.#update(snapshot)),
      focus.onDidChange(() => this.#update(engine.snapshot)),
    ];
    this.#update(engine.snapshot);
  }

  /** The latest figures; undefined while no model is loaded. */
  get reading(): MemoryReading | undefined {
    return this.#reading;
  }

  get onDidChange(): Event<MemoryReading | undefined> {
    return this.#emitter.event;
  }

  dispose(): void {
    this.#disposed = true;
    this.#clearTimer();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#emitter.dispose();
  }

  get #wanted(): boolean {
    return !this.#disposed && this.focus.focused && this.engine.snapshot.model !== undefined;
  }

  #update(snapshot: EngineSnapshot): void {
    if (snapshot.model === undefined && this.#reading !== undefined) {
      this.#reading = undefined;
      this.#emitter.fire(undefined);
    }
    if (!this.#wanted) this.#clearTimer();
    // An answer has begun: five seconds would be long.
    else if (this.#timer !== undefined && this.#timerMs > this.#intervalMs) this.#schedule();
    else if (this.#timer === undefined && !this.#polling) void this.#poll();
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    const [cards, memory] = await Promise.all([
      this.vram.read(),
      this.engine.memory().catch(() => undefined),
    ]);
    this.#polling = false;
    if (this.#disposed || this.engine.snapshot.model === undefined) return;
    this.#reading = {
      devices: cards.length > 0 || memory === undefined ? cards : fromEngine(memory),
      engineRamBytes: memory?.rssBytes,
    };
    this.#emitter.fire(this.#reading);
    if (this.#wanted) this.#schedule();
  }

  get #intervalMs(): number {
    const { kind } = this.engine.snapshot.state;
    return kind === 'generating' || kind === 'prefilling' ? busyIntervalMs : idleIntervalMs;
  }

  #schedule(): void {
    this.#clearTimer();
    this.#timerMs = this.#intervalMs;
    this.#timer = this.timers.set(() => {
      this.#timer = undefined;
      if (this.#wanted) void this.#poll();
    }, this.#timerMs);
  }

  #clearTimer(): void {
    if (this.#timer === undefined) return;
    this.timers.clear(this.#timer);
    this.#timer = undefined;
  }
}
