import type { CancellationToken } from 'vscode';

/** Requests under way: each stops by the editor's token, all by a command. */
export class RunningRequests {
  private readonly running = new Set<AbortController>();

  async during<T>(token: CancellationToken, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    const subscription = token.onCancellationRequested(() => abort.abort());
    if (token.isCancellationRequested) abort.abort();
    this.running.add(abort);
    try {
      return await run(abort.signal);
    } finally {
      this.running.delete(abort);
      subscription.dispose();
    }
  }

  /** False where nothing runs. */
  stop(): boolean {
    const some = this.running.size > 0;
    for (const abort of this.running) abort.abort();
    return some;
  }
}
