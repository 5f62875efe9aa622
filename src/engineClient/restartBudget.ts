import type { Clock } from './clock';

export const maxRestarts = 4;
export const restartWindowMs = 3 * 60_000;

/** Counts restarts after crashes, so that an engine which cannot live is not started for ever. */
export class RestartBudget {
  private restarts: number[] = [];
  private crashed = false;

  constructor(private readonly clock: Clock) {}

  noteCrash(): void {
    this.crashed = true;
  }

  /** Asks for a start. False: it would be a restart too many. */
  take(): boolean {
    if (!this.crashed) return true;
    const now = this.clock.now();
    this.restarts = this.restarts.filter((time) => now - time < restartWindowMs);
    if (this.restarts.length >= maxRestarts) return false;
    this.restarts.push(now);
    this.crashed = false;
    return true;
  }

  /** Restarts within the window. */
  get spent(): number {
    return this.restarts.length;
  }

  /** A person stopped the engine: what comes next is their own start. */
  reset(): void {
    this.restarts = [];
    this.crashed = false;
  }
}
