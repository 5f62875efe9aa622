import { Emitter } from 'vscode-jsonrpc';
import { beforeEach, describe, expect, it } from 'vitest';
import { settingDefaults, type SettingTypes } from '../../../src/contributions';
import { batteryMatters, PolicyKeeper } from '../../../src/models/policyKeeper';
import type { ServePolicy } from '../../../src/protocol/engine';

let settings: SettingTypes;
let told: ServePolicy[];
let onBattery: boolean;
let batteryChanged: Emitter<boolean>;
let settingsChanged: Emitter<void>;
let refreshes: number;
const read = <K extends keyof SettingTypes>(key: K) => settings[key];

beforeEach(() => {
  settings = { ...settingDefaults };
  told = [];
  onBattery = false;
  refreshes = 0;
  batteryChanged = new Emitter();
  settingsChanged = new Emitter();
});

function keep(): PolicyKeeper {
  return new PolicyKeeper({
    engine: { setPolicy: (policy) => told.push(policy) },
    battery: {
      get onBattery() {
        return onBattery;
      },
      onDidChange: batteryChanged.event,
      refresh: () => refreshes++,
    },
    read,
    onDidChangeSettings: (listener) => settingsChanged.event(listener),
  });
}

const gib = 2 ** 30;

describe('the policy', () => {
  it('is told at the start, by the settings', () => {
    keep();
    expect(told).toEqual([{ idleUnloadMinutes: 30, snapshotBytes: 8 * gib }]);
  });

  it('follows the battery', () => {
    keep();
    onBattery = true;
    batteryChanged.fire(true);
    expect(told.at(-1)).toEqual({ idleUnloadMinutes: 5, snapshotBytes: 8 * gib });
    onBattery = false;
    batteryChanged.fire(false);
    expect(told.at(-1)?.idleUnloadMinutes).toBe(30);
  });

  it('follows the settings, and says nothing where nothing has changed', () => {
    keep();
    settings['engine.savedStatesGiB'] = 0.5;
    settings['engine.idleUnloadMinutes'] = 0;
    settingsChanged.fire();
    settingsChanged.fire();
    expect(told.slice(1)).toEqual([{ idleUnloadMinutes: 0, snapshotBytes: 0.5 * gib }]);
    // Whether the battery is worth a look may have changed with them.
    expect(refreshes).toBe(2);
  });

  it('is left as it is from the end of the window on', () => {
    keep().dispose();
    settings['engine.idleUnloadMinutes'] = 1;
    settingsChanged.fire();
    batteryChanged.fire(true);
    expect(told).toHaveLength(1);
  });

  it('does not depend on the battery where both times are the same', () => {
    expect(batteryMatters(read)).toBe(true);
    settings['engine.idleUnloadMinutesOnBattery'] = 30;
    expect(batteryMatters(read)).toBe(false);
  });
});
