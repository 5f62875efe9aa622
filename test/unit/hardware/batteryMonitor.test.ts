import { setImmediate as settle } from 'node:timers/promises';
import { Emitter } from 'vscode-jsonrpc';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineSnapshot } from '../../../src/engineClient/engine';
import type { PowerSource } from '../../../src/hardware/battery';
import { BatteryMonitor } from '../../../src/hardware/batteryMonitor';
import { FakeClock } from '../engineClient/supervisorFixture';
import { loadedModel } from '../../support/loadedModel';

const minute = 60_000;

class Fixture {
  readonly clock = new FakeClock();
  readonly engineChanged = new Emitter<EngineSnapshot>();
  readonly focusChanged = new Emitter<unknown>();
  source: PowerSource | undefined = 'mains';
  reads = 0;
  focused = true;
  loaded = true;
  matters = true;
  readonly told: boolean[] = [];
  readonly monitor: BatteryMonitor;

  constructor() {
    const fixture = this as Fixture;
    this.monitor = new BatteryMonitor({
      engine: {
        get snapshot() {
          return fixture.snapshot;
        },
        onDidChange: this.engineChanged.event,
      },
      focus: {
        get focused() {
          return fixture.focused;
        },
        onDidChange: this.focusChanged.event,
      },
      read: () => {
        this.reads++;
        return Promise.resolve(this.source);
      },
      matters: () => this.matters,
      intervalMs: minute,
      clock: this.clock,
    });
    this.monitor.onDidChange((onBattery) => this.told.push(onBattery));
  }

  get snapshot(): EngineSnapshot {
    const model = this.loaded ? loadedModel() : undefined;
    return { state: { kind: 'ready' }, info: undefined, model, runtime: undefined };
  }

  async change(what: Partial<Pick<Fixture, 'focused' | 'loaded' | 'source'>> = {}): Promise<void> {
    Object.assign(this, what);
    this.engineChanged.fire(this.snapshot);
    this.focusChanged.fire(undefined);
    await settle();
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settle();
  }
}

let fixture: Fixture;
beforeEach(() => {
  fixture = new Fixture();
});

describe('the battery', () => {
  it('is looked at while a model is loaded and the window is focused, each minute', async () => {
    await fixture.change({ loaded: false });
    expect(fixture.reads).toBe(0);
    await fixture.change({ loaded: true });
    await fixture.change();
    expect(fixture.reads).toBe(1);
    await fixture.pass(minute - 1);
    expect(fixture.reads).toBe(1);
    await fixture.pass(1);
    expect(fixture.reads).toBe(2);
    await fixture.change({ focused: false });
    expect(fixture.clock.timerCount).toBe(0);
  });

  it('is not looked at again within the minute, however often the focus comes and goes', async () => {
    await fixture.change();
    for (let times = 0; times < 5; times++) {
      await fixture.change({ focused: false });
      await fixture.change({ focused: true });
    }
    expect(fixture.reads).toBe(1);
  });

  it('is told of when it comes into use and when it no longer is', async () => {
    await fixture.change();
    expect(fixture.monitor.onBattery).toBe(false);
    fixture.source = 'battery';
    await fixture.pass(minute);
    await fixture.pass(minute);
    expect([fixture.monitor.onBattery, fixture.told]).toEqual([true, [true]]);
    // Once it cannot be read, what was last known holds.
    fixture.source = undefined;
    await fixture.pass(minute);
    expect(fixture.told).toEqual([true]);
    fixture.source = 'mains';
    await fixture.pass(minute);
    expect(fixture.told).toEqual([true, false]);
  });

  it('that is not there is not asked for again', async () => {
    await fixture.change({ source: 'noBattery' });
    await fixture.pass(10 * minute);
    expect([fixture.reads, fixture.clock.timerCount]).toEqual([1, 0]);
  });

  it('is left alone where it makes no difference, until it does', async () => {
    fixture.matters = false;
    await fixture.change();
    expect([fixture.reads, fixture.clock.timerCount]).toEqual([0, 0]);
    fixture.matters = true;
    fixture.monitor.refresh();
    expect(fixture.reads).toBe(1);
  });

  it('is left alone from the end of the window on', async () => {
    await fixture.change();
    fixture.monitor.dispose();
    expect(fixture.clock.timerCount).toBe(0);
  });
});
