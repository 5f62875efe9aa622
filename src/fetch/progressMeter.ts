import type { FetchMessage, FetchSource } from '../protocol/fetch';

export type Report = (message: FetchMessage) => void;

/** Milliseconds between two reports: often enough to look alive. */
const interval = 250;

/** Turns byte counts into progress messages, not too many, with the rate of the last seconds. */
export class ProgressMeter {
  private readonly samples: { at: number; done: number }[] = [];
  private reported = -interval;

  constructor(
    private readonly source: FetchSource,
    private readonly report: Report,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Bytes so far, of `total` (0: unknown). The last count, equal to the total, is always reported. */
  update(done: number, total: number): void {
    const at = this.now();
    if (at - this.reported < interval && done !== total) return;
    this.reported = at;
    this.samples.push({ at, done });
    while (this.samples.length > 2 && at - (this.samples[0]?.at ?? at) > 3000) this.samples.shift();
    const first = this.samples[0] ?? { at, done };
    const seconds = (at - first.at) / 1000;
    const bytesPerSecond = seconds > 0 ? Math.max(0, Math.round((done - first.done) / seconds)) : 0;
    this.report({ kind: 'progress', source: this.source, done, total, bytesPerSecond });
  }
}
