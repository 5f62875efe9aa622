/** Time, as far as the supervisor needs it: tests put a fake in its place. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls back once after `ms`; returns what calls that off. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
