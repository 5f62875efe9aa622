import type { Clock } from '../chat/clock';

/** Draws at once, and again at most once in so many milliseconds; the last state is always drawn. */
export class Pace {
  #last = -Infinity;
  #callOff: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly milliseconds: number,
    private readonly draw: () => void,
  ) {}

  request(): void {
    if (this.#callOff !== undefined) return;
    const wait = this.#last + this.milliseconds - this.clock.now();
    if (wait <= 0) this.#now();
    else this.#callOff = this.clock.after(wait, () => this.#now());
  }

  /** Nothing is drawn any more. */
  dispose(): void {
    this.#callOff?.();
    this.#callOff = () => undefined;
  }

  #now(): void {
    this.#callOff = undefined;
    this.#last = this.clock.now();
    this.draw();
  }
}
