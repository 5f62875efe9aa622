import { Emitter } from 'vscode-jsonrpc';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import { VramMonitor, type MemoryReading } from '../../../src/hardware/vramMonitor';
import type { EngineState } from '../../../src/protocol/engine';
import { loadedModel } from '../../support/loadedModel';

const card = { name: 'RTX', totalBytes: 12, usedBytes: 6, source: 'nvidia-smi' as const };

/** Timers that run when told to. */
class FakeTimers {
  next: { callback: () => void; ms: number } | undefined;
  set(callback: () => void, ms: number) {
    this.next = { callback, ms };
    return this.next;
  }
  clear() {
    this.next = undefined;
  }
  fire() {
    const next = this.next;
    this.next = undefined;
    next?.callback();
  }
}

class Fixture {
  snapshot: EngineSnapshot = {
    state: { kind: 'stopped' },
    info: undefined,
    model: undefined,
    runtime: undefined,
  };
  readonly engineChanged = new Emitter<EngineSnapshot>();
  readonly focusChanged = new Emitter<unknown>();
  readonly timers = new FakeTimers();
  readonly readings: (MemoryReading | undefined)[] = [];
  focused = true;
  polls = 0;
  cards = [card];
  release: (() => void) | undefined;
  hold = false;
  readonly monitor: VramMonitor;

  constructor() {
    const fixture = this as Fixture;
    this.monitor = new VramMonitor(
      {
        get snapshot() {
          return fixture.snapshot;
        },
        onDidChange: this.engineChanged.event,
        memory: () =>
          Promise.resolve({
            rssBytes: 77,
            devices: [{ name: 'Metal', totalBytes: 9, freeBytes: 4, usedBytes: 5 }],
          }),
      },
      {
        read: async () => {
          this.polls++;
          if (this.hold) await new Promise<void>((resolve) => (this.release = resolve));
          return this.cards;
        },
      },
      {
        get focused() {
          return fixture.focused;
        },
        onDidChange: this.focusChanged.event,
      },
      this.timers,
    );
    this.monitor.onDidChange((reading) => this.readings.push(reading));
  }

  async setState(state: EngineState, loaded: boolean) {
    this.snapshot = { ...this.snapshot, state, model: loaded ? loadedModel() : undefined };
    this.engineChanged.fire(this.snapshot);
    await settle();
  }

  async setFocus(focused: boolean) {
    this.focused = focused;
    this.focusChanged.fire(undefined);
    await settle();
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));
let fixture: Fixture;
beforeEach(() => {
  fixture = new Fixture();
});

describe('VramMonitor', () => {
  it('reads nothing while nothing is loaded', async () => {
    await fixture.setState({ kind: 'starting' }, false);
    await fixture.setState({ kind: 'loading', modelPath: '/m.gguf', progress: 0.5 }, false);
    await fixture.setFocus(false);
    await fixture.setFocus(true);
    expect(fixture.polls).toBe(0);
    expect(fixture.timers.next).toBeUndefined();
  });

  it('reads at once when a model is loaded, then every 5 s, every 2 s while answering', async () => {
    await fixture.setState({ kind: 'ready' }, true);
    expect(fixture.monitor.reading).toEqual({ devices: [card], engineRamBytes: 77 });
    expect(fixture.timers.next?.ms).toBe(5000);
    await fixture.setState({ kind: 'generating', rate: 1, tokens: 1 }, true);
    expect(fixture.timers.next?.ms).toBe(2000);
    fixture.timers.fire();
    await settle();
    expect(fixture.polls).toBe(2);
    expect(fixture.timers.next?.ms).toBe(2000);
  });

  it('never reads in an unfocused window, and at once when it is focused again', async () => {
    await fixture.setFocus(false);
    await fixture.setState({ kind: 'ready' }, true);
    expect(fixture.polls).toBe(0);
    await fixture.setFocus(true);
    expect(fixture.polls).toBe(1);
    await fixture.setFocus(false);
    expect(fixture.timers.next).toBeUndefined();
    await fixture.setState({ kind: 'generating', rate: 1, tokens: 1 }, true);
    expect(fixture.polls).toBe(1);
  });

  it('has one poll at a time', async () => {
    fixture.hold = true;
    await fixture.setState({ kind: 'ready' }, true);
    await fixture.setState({ kind: 'generating', rate: 1, tokens: 1 }, true);
    await fixture.setFocus(true);
    expect(fixture.polls).toBe(1);
    fixture.release?.();
    await settle();
    expect(fixture.timers.next?.ms).toBe(2000);
  });

  it('forgets the figures with the model, those of a late poll too', async () => {
    await fixture.setState({ kind: 'ready' }, true);
    fixture.hold = true;
    fixture.timers.fire();
    await settle();
    await fixture.setState({ kind: 'stopped' }, false);
    fixture.release?.();
    await settle();
    expect(fixture.monitor.reading).toBeUndefined();
    expect(fixture.readings.at(-1)).toBeUndefined();
    expect(fixture.timers.next).toBeUndefined();
  });

  it('takes the engine’s figures where no tool knows a card', async () => {
    fixture.cards = [];
    await fixture.setState({ kind: 'ready' }, true);
    expect(fixture.monitor.reading?.devices).toEqual([
      { name: 'Metal', totalBytes: 9, usedBytes: 5, source: 'engine' },
    ]);
  });

  it('stops for good when disposed', async () => {
    await fixture.setState({ kind: 'ready' }, true);
    fixture.monitor.dispose();
    expect(fixture.timers.next).toBeUndefined();
    await fixture.setState({ kind: 'generating', rate: 1, tokens: 1 }, true);
    await fixture.setFocus(true);
    expect(fixture.polls).toBe(1);
  });
});
