import type { ChatProgress } from '../protocol/engine';

/** Least time between two pieces of an answer on the wire, ms: thirty a second read as smoothly as more. */
const intervalMs = 33;
/**
 * Then a held piece goes although no token follows. Longer than the interval: a timer wakes up amid the next token's
 * calculation, a token's own arrival between two.
 */
const idleMs = 100;

type Piece = Extract<ChatProgress, { kind: 'text' | 'thought' }>;

/**
 * Sends an answer's progress, its tokens gathered: a message for each token would take time from the threads
 * that calculate the next one. The first token goes at once.
 */
export class PieceFeed {
  private held: Piece | undefined;
  private sentAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly send: (progress: ChatProgress) => void) {}

  add(progress: ChatProgress): void {
    if (progress.kind === 'prefill' || progress.kind === 'waiting') {
      this.flush();
      this.send(progress);
      return;
    }
    if (this.held !== undefined && this.held.kind !== progress.kind) this.flush();
    const { held } = this;
    this.held =
      held === undefined
        ? progress
        : { ...progress, text: held.text + progress.text, tokens: held.tokens + progress.tokens };
    if (performance.now() - this.sentAt >= intervalMs) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), idleMs);
  }

  /** Sends what is held; the result of the request comes after it. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { held } = this;
    if (held === undefined) return;
    this.held = undefined;
    this.sentAt = performance.now();
    this.send(held);
  }
}
