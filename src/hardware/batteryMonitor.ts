import { Emitter, type Event } from 'vscode-jsonrpc';
import { systemClock, type Clock } from '../engineClient/clock';
import type { Engine } from '../engineClient/engine';
import type { PowerSource } from './battery';
import type { WindowFocus } from './vramMonitor';

export interface BatteryMonitorDeps {
  engine: Pick<Engine, 'snapshot' | 'onDidChange'>;
  focus: WindowFocus;
  /** undefined: not to be told now. */
  read: () => Promise<PowerSource | undefined>;
  /** Whether a battery makes a difference, by the settings. */
  matters: () => boolean;
  /** Between two readings, ms: on Windows each one costs a process. */
  intervalMs: number;
  clock?: Clock;
}

/**
 * Knows whether the machine runs on its battery. Reads rarely, and only while the window is focused, a model is loaded
 * and the answer matters; a machine without a battery is asked once.
 */
export class BatteryMonitor {
  readonly #clock: Clock;
  #source: PowerSource | undefined;
  #nextAt = -Infinity;
  #reading = false;
  #callOff: (() => void) | undefined;
  #disposed = false;
  readonly #emitter = new Emitter<boolean>();
  readonly #subscriptions: { dispose(): void }[];

  constructor(private readonly deps: BatteryMonitorDeps) {
    this.#clock = deps.clock ?? systemClock;
    this.#subscriptions = [
      deps.engine.onDidChange(() => this.refresh()),
      deps.focus.onDidChange(() => this.refresh()),
    ];
  }

  /** As last read; false before that. */
  get onBattery(): boolean {
    return this.#source === 'battery';
  }

  get onDidChange(): Event<boolean> {
    return this.#emitter.event;
  }

  /** After something has changed that decides whether to read. */
  refresh(): void {
    if (!this.#wanted) {
      this.#callOff?.();
      this.#callOff = undefined;
      return;
    }
    if (this.#reading || this.#callOff !== undefined) return;
    const wait = this.#nextAt - this.#clock.now();
    if (wait <= 0) {
      void this.#read();
      return;
    }
    this.#callOff = this.#clock.after(wait, () => {
      this.#callOff = undefined;
      this.refresh();
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.refresh();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#emitter.dispose();
  }

  get #wanted(): boolean {
    const { engine, focus, matters } = this.deps;
    if (this.#disposed || this.#source === 'noBattery') return false;
    return focus.focused && engine.snapshot.model !== undefined && matters();
  }

  async #read(): Promise<void> {
    this.#reading = true;
    const before = this.onBattery;
    const source = await this.deps.read();
    this.#reading = false;
    this.#nextAt = this.#clock.now() + this.deps.intervalMs;
    if (source !== undefined) this.#source = source;
    if (this.onBattery !== before) this.#emitter.fire(this.onBattery);
    this.refresh();
  }
}
