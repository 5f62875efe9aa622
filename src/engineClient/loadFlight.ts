import { CancelledError } from '../errors';
import type { LoadedModel, LoadOptions } from '../protocol/engine';
import { sameOptions } from '../protocol/sameOptions';

type Run = (signal: AbortSignal, onProgress: (fraction: number) => void) => Promise<LoadedModel>;

/** One load that several callers may wait for. It is cancelled when the last of them gives up. */
export class LoadFlight {
  private readonly controller = new AbortController();
  private readonly listeners = new Set<(fraction: number) => void>();
  private waiting = 0;
  /** Settles when the load is over, also after a cancel. */
  private readonly outcome: Promise<LoadedModel>;
  /** Resolves when the load is over, however it went. */
  readonly over: Promise<void>;

  constructor(
    readonly options: LoadOptions,
    run: Run,
  ) {
    this.outcome = run(this.controller.signal, (fraction) => {
      for (const listener of this.listeners) listener(fraction);
    });
    this.over = this.outcome.then(
      () => undefined,
      () => undefined,
    );
  }

  get isCancelled(): boolean {
    return this.controller.signal.aborted;
  }

  /** Whether a caller that wants these options may wait for this load. */
  serves(options: LoadOptions): boolean {
    return !this.isCancelled && sameOptions(this.options, options);
  }

  cancel(): void {
    this.controller.abort();
  }

  /**
   * Waits for the model. A caller that gives up while others still wait is let go at once; the last one when
   * the load is really over, so that nothing is loaded then.
   */
  async join(onProgress?: (fraction: number) => void, signal?: AbortSignal): Promise<LoadedModel> {
    this.waiting++;
    let isWaiting = true;
    const stopWaiting = () => {
      if (isWaiting) this.waiting--;
      isWaiting = false;
    };
    let leave: () => void = () => undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => {
        stopWaiting();
        if (this.waiting === 0) this.cancel();
        else reject(new CancelledError());
      };
    });
    if (onProgress !== undefined) this.listeners.add(onProgress);
    signal?.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([this.outcome, left]);
    } finally {
      stopWaiting();
      if (onProgress !== undefined) this.listeners.delete(onProgress);
      signal?.removeEventListener('abort', leave);
    }
  }
}
