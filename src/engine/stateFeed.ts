import type { EngineState } from '../protocol/engine';

/** Least time between two notifications of the same kind, ms. */
const intervalMs = 100;
/** Longest time between two notifications while something is under way, ms. */
const heartbeatMs = 2_000;

/** The process's state. Changes of kind are told at once, progress about ten times a second. */
export class StateFeed {
  private state: EngineState = { kind: 'stopped' };
  private toldAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(private readonly tell: (state: EngineState) => void) {}

  get current(): EngineState {
    return this.state;
  }

  set(state: EngineState): void {
    const sameKind = state.kind === this.state.kind;
    this.state = state;
    const wait = this.toldAt + intervalMs - performance.now();
    if (!sameKind || wait <= 0) this.send();
    else this.timer ??= setTimeout(() => this.send(), wait);
  }

  /** While it beats, clients hear the state even where nothing changes: silence means that the process hangs. */
  beat(on: boolean): void {
    clearInterval(this.heartbeat);
    this.heartbeat = on ? setInterval(() => this.send(), heartbeatMs) : undefined;
  }

  private send(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.toldAt = performance.now();
    this.heartbeat?.refresh();
    this.tell(this.state);
  }
}
