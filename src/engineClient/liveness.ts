import { Emitter } from 'vscode-jsonrpc';
import { systemClock, type Clock } from './clock';

/** An engine with something to do tells of itself every 2 s: after so many silent ticks it is stuck. */
const tickMs = 5_000;
const silentTicks = 6;

/**
 * Whether an engine that owes answers is heard at all. No answer is ever too late: silence alone tells. Ticks instead
 * of one long timer, so that a machine that slept, or a window that was stuck itself, does not pass for silence.
 */
export class Liveness {
  private pending = 0;
  private ticks = 0;
  private isSilent = false;
  private callOff: () => void = () => undefined;
  private readonly emitter = new Emitter<boolean>();
  /** Tells of the change to silence (true), and back. */
  readonly onSilence = this.emitter.event;

  constructor(private readonly clock: Clock = systemClock) {}

  /** Listens for as long as the request is under way. */
  async during<T>(request: () => Promise<T>): Promise<T> {
    if (this.pending++ === 0) this.wait();
    try {
      return await request();
    } finally {
      if (--this.pending === 0) {
        this.callOff();
        this.heard();
      }
    }
  }

  heard(): void {
    this.ticks = 0;
    this.set(false);
  }

  dispose(): void {
    this.callOff();
    this.emitter.dispose();
  }

  private wait(): void {
    this.callOff = this.clock.after(tickMs, () => {
      if (++this.ticks >= silentTicks) this.set(true);
      this.wait();
    });
  }

  private set(isSilent: boolean): void {
    if (isSilent === this.isSilent) return;
    this.isSilent = isSilent;
    this.emitter.fire(isSilent);
  }
}
