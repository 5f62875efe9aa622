import type { RequestKind } from '../protocol/engine';
import { RequestCancelled } from './failure';

/** The smaller, the more urgent. */
const ranks: Record<RequestKind, number> = { ghost: 0, inline: 1, chat: 2, background: 3 };

/** Having waited so long, a request is taken for one of the next more urgent kind, ms. */
const ageMs = 20_000;
/** How long a request that came before more urgent ones by its age runs before they may come between, ms. */
const quantumMs = 2_000;

/** The right to use the model, which one request has at a time. */
export interface Turn {
  /**
   * To be awaited between two chunks or tokens. Lets more urgent requests go first.
   * Resolves to whether any did: what they found in the model is theirs then.
   * @throws RequestCancelled where the request was cancelled meanwhile: the turn is somebody else's by then
   */
  pause(): Promise<boolean>;
}

export interface ScheduledRequest {
  kind: RequestKind;
  signal: AbortSignal;
  /** Called with the number of requests that go before this one, whenever it waits and that changes. */
  onWaiting?: (ahead: number) => void;
}

interface Entry extends ScheduledRequest {
  /** undefined: runs alone, after all that came before it and before all that come after it. */
  rank: number | undefined;
  order: number;
  waitsSince: number;
  /** Until then nothing comes between. */
  undisturbedUntil: number;
  /** Told last. */
  ahead: number | undefined;
  begin: (isItsTurn: boolean) => void;
}

/** Runs one request at a time, the most urgent kind first. A running one is paused for a more urgent kind. */
export class Scheduler {
  private readonly waiting = new Set<Entry>();
  private running: Entry | undefined;
  private nextOrder = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether nothing runs, waits or is paused. */
  get isIdle(): boolean {
    return this.running === undefined && this.waiting.size === 0;
  }

  /** Runs a job when its turn comes. Cancelled before that, it is left out and `onCancelled` gives the result. */
  async run<T>(request: ScheduledRequest, job: (turn: Turn) => Promise<T>, onCancelled: () => T): Promise<T> {
    return await this.enter(request, ranks[request.kind], job, onCancelled);
  }

  /** Runs a job alone: when all earlier requests are done, paused ones too. Later ones wait for it. */
  async runAlone<T>(job: () => Promise<T>, signal: AbortSignal, onCancelled: () => T): Promise<T> {
    return await this.enter({ kind: 'background', signal }, undefined, job, onCancelled);
  }

  private async enter<T>(
    request: ScheduledRequest,
    rank: number | undefined,
    job: (turn: Turn) => Promise<T>,
    onCancelled: () => T,
  ): Promise<T> {
    const entry: Entry = {
      ...request,
      rank,
      order: this.nextOrder++,
      waitsSince: 0,
      undisturbedUntil: 0,
      ahead: undefined,
      begin: () => undefined,
    };
    if (!(await this.wait(entry))) return onCancelled();
    try {
      return await job({ pause: () => this.pause(entry) });
    } finally {
      if (this.running === entry) this.running = undefined;
      this.next();
    }
  }

  private async pause(entry: Entry): Promise<boolean> {
    const { rank } = entry;
    if (this.running !== entry || rank === undefined || this.now() < entry.undisturbedUntil) return false;
    if (!this.candidates().some((other) => (other.rank ?? Infinity) < rank)) return false;
    this.running = undefined;
    if (!(await this.wait(entry))) throw new RequestCancelled();
    return true;
  }

  /** Resolves to whether it came to its turn; false once its request is cancelled. */
  private async wait(entry: Entry): Promise<boolean> {
    const { signal } = entry;
    if (signal.aborted) {
      this.next();
      return false;
    }
    let cancel: () => void = () => undefined;
    try {
      return await new Promise<boolean>((resolve) => {
        entry.begin = resolve;
        entry.waitsSince = this.now();
        entry.ahead = undefined;
        this.waiting.add(entry);
        cancel = () => {
          // Where its turn had come in the same moment, the job itself sees the signal.
          if (this.waiting.delete(entry)) resolve(false);
          this.next();
        };
        signal.addEventListener('abort', cancel, { once: true });
        this.next();
      });
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  private next(): void {
    if (this.running === undefined) {
      const now = this.now();
      const candidates = this.candidates();
      const [first] = candidates.sort((a, b) => urgency(a, now) - urgency(b, now) || a.order - b.order);
      const chosen = first ?? this.soleAndEarliest();
      if (chosen !== undefined) {
        const overtakes = candidates.some((other) => (other.rank ?? 0) < (chosen.rank ?? 0));
        chosen.undisturbedUntil = overtakes ? now + quantumMs : 0;
        this.waiting.delete(chosen);
        this.running = chosen;
        chosen.begin(true);
      }
    }
    this.tell();
  }

  /** Those that could run now: what came after a request that runs alone waits for it. */
  private candidates(): Entry[] {
    const barrier = this.barrier()?.order ?? Infinity;
    return [...this.waiting].filter((entry) => entry.rank !== undefined && entry.order < barrier);
  }

  private soleAndEarliest(): Entry | undefined {
    const barrier = this.barrier();
    return barrier !== undefined && this.candidates().length === 0 ? barrier : undefined;
  }

  private barrier(): Entry | undefined {
    const alone = [...this.waiting].filter((entry) => entry.rank === undefined);
    return alone.sort((a, b) => a.order - b.order)[0];
  }

  private tell(): void {
    const now = this.now();
    for (const entry of this.waiting) {
      const before = [...this.waiting].filter((other) => other !== entry && goesBefore(other, entry, now));
      const ahead = before.length + (this.running === undefined ? 0 : 1);
      if (ahead === entry.ahead) continue;
      entry.ahead = ahead;
      entry.onWaiting?.(ahead);
    }
  }
}

function urgency({ rank, waitsSince }: Entry, now: number): number {
  return (rank ?? 0) - Math.floor((now - waitsSince) / ageMs);
}

function goesBefore(one: Entry, other: Entry, now: number): boolean {
  if (one.rank === undefined || other.rank === undefined) return one.order < other.order;
  return (
    urgency(one, now) - urgency(other, now) < 0 ||
    (urgency(one, now) === urgency(other, now) && one.order < other.order)
  );
}
