export interface ActivityListener {
  /** The first of several requests that run at once. */
  began(): void;
  ended(): void;
  /** Nothing was asked for so long as was set. Called again after as long, if the engine still runs then. */
  idle(): Promise<void>;
}

/** Knows whether anything is asked of the engine, and for how long nothing was. */
export class Activity {
  private running = 0;
  private usedAt = performance.now();
  private idleMs = 0;
  /** One for the whole time: use only notes when it was, however often a typing person causes it. */
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly listener: ActivityListener) {}

  /** @param ms 0: never */
  setIdleTime(ms: number): void {
    this.idleMs = ms;
    this.wait();
  }

  /** Whether nothing was asked for the time that was set. */
  get isIdle(): boolean {
    return this.idleMs > 0 && this.running === 0 && this.leftMs <= 0;
  }

  /** Something short was asked. */
  touch(): void {
    this.usedAt = performance.now();
  }

  async during<T>(job: () => Promise<T>): Promise<T> {
    if (this.running++ === 0) this.listener.began();
    try {
      return await job();
    } finally {
      this.touch();
      if (--this.running === 0) this.listener.ended();
    }
  }

  private get leftMs(): number {
    return this.usedAt + this.idleMs - performance.now();
  }

  private wait(): void {
    clearTimeout(this.timer);
    if (this.idleMs === 0) return;
    // What runs is looked at again when it could have ended and been idle at the earliest.
    const ms = this.running > 0 ? this.idleMs : Math.max(0, this.leftMs);
    this.timer = setTimeout(() => void this.check(), Math.min(ms, longestTimerMs)).unref();
  }

  private async check(): Promise<void> {
    if (this.isIdle) {
      await this.listener.idle();
      this.touch();
    }
    this.wait();
  }
}

/** Node.js takes a longer one for none. */
const longestTimerMs = 2 ** 31 - 1;
