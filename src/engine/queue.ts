/** Runs one job at a time, in order of arrival. */
export class Queue {
  private last: Promise<void> = Promise.resolve();

  /**
   * Runs the job when all earlier ones are done. A signal that is aborted before then leaves the job out;
   * the promise settles at once with what `onCancelled` returns or throws.
   */
  async run<T>(job: () => Promise<T>, signal: AbortSignal, onCancelled: () => T): Promise<T> {
    const before = this.last;
    let done: () => void = () => undefined;
    this.last = new Promise((resolve) => {
      done = resolve;
    });
    const turn = await Promise.race([before.then(() => true), aborted(signal)]);
    if (!turn) {
      // The place in the line is kept until those before are done: later jobs wait for them through it.
      void before.then(done);
      return onCancelled();
    }
    try {
      return await job();
    } finally {
      done();
    }
  }
}

function aborted(signal: AbortSignal): Promise<false> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true });
  });
}
