import { CancelledError } from '../errors';

/** The promise's outcome, or `CancelledError` as soon as the signal is aborted. What the promise does goes on. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    // Its own failure concerns nobody any more.
    promise.catch(() => undefined);
    throw new CancelledError();
  }
  let cancel: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    cancel = () => reject(new CancelledError());
    signal.addEventListener('abort', cancel, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
