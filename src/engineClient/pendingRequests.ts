import { CancellationTokenSource, type CancellationToken } from 'vscode-jsonrpc';
import type { CancelledError, EngineError } from '../errors';
import { fromResponseError } from './responseError';

/** The requests of one session: each settles with its answer or with the end of the session. */
export class PendingRequests {
  private readonly pending = new Set<(error: Error) => void>();
  private meaning: EngineError | CancelledError | undefined;

  /** @param onLost a request found the connection gone; the end of the session is to follow */
  constructor(private readonly onLost: () => void) {}

  /** What every request meets from now on; undefined while the session lasts. */
  get over(): EngineError | CancelledError | undefined {
    return this.meaning;
  }

  async run<R>(send: (token: CancellationToken) => Promise<R>, signal?: AbortSignal): Promise<R> {
    if (this.meaning !== undefined) throw this.meaning;
    const source = new CancellationTokenSource();
    const cancel = () => source.cancel();
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted === true) cancel();
    let giveUp: (error: Error) => void = () => undefined;
    try {
      return await new Promise<R>((resolve, reject) => {
        giveUp = reject;
        this.pending.add(giveUp);
        // A closed connection throws at once, a lost one rejects: the same here.
        const sent = async () => await send(source.token);
        sent().then(resolve, (error: unknown) => {
          const meaning = fromResponseError(error);
          if (meaning !== undefined) reject(meaning);
          // The end of the session, which is certain now, names the cause and rejects.
          else this.onLost();
        });
      });
    } finally {
      this.pending.delete(giveUp);
      signal?.removeEventListener('abort', cancel);
      source.dispose();
    }
  }

  /** The first call counts. */
  settle(over: EngineError | CancelledError): void {
    this.meaning ??= over;
    for (const reject of this.pending) reject(this.meaning);
    this.pending.clear();
  }
}
