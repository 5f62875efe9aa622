import { FetchError } from './fetchError';

/** Ends a transfer that moves no byte for `silenceMs`, or that is cancelled from outside. */
export class Watchdog {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private last = -1;
  /** Aborts with a `FetchError` as its reason where the transfer stands still. */
  readonly signal: AbortSignal;

  constructor(
    private readonly silenceMs: number,
    outer: AbortSignal,
  ) {
    this.signal = AbortSignal.any([this.controller.signal, outer]);
    this.arm();
  }

  /** Tells how far the transfer is; only a change counts as life. */
  progress(done: number): void {
    if (done === this.last) return;
    this.last = done;
    this.arm();
  }

  /** Settles as `work` does, or rejects at once when the transfer ends: libraries may not notice for minutes. */
  async race<Result>(work: Promise<Result>): Promise<Result> {
    const { signal } = this;
    let onAbort: (() => void) | undefined;
    const ended = new Promise<never>((_, reject) => {
      onAbort = () => reject(asError(signal.reason));
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort);
    });
    work.catch(() => undefined);
    try {
      return await Promise.race([work, ended]);
    } finally {
      if (onAbort) signal.removeEventListener('abort', onAbort);
    }
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private arm(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const seconds = Math.round(this.silenceMs / 1000);
      this.controller.abort(new FetchError('noSource', `nothing arrived for ${seconds} seconds`));
    }, this.silenceMs);
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
