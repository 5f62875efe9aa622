import * as vscode from 'vscode';
import type { Engine } from './engineClient/engine';
import { readPowerSource } from './hardware/battery';
import { BatteryMonitor } from './hardware/batteryMonitor';
import { realSystem } from './hardware/system';
import type { WindowFocus } from './hardware/vramMonitor';
import { batteryMatters, PolicyKeeper, policySettings, type ReadPolicySetting } from './models/policyKeeper';
import { onDidChangeSettings } from './settings';

/** Has the engine end, and keep states, by the settings and the battery of this machine. */
export function createPolicy(
  engine: Pick<Engine, 'snapshot' | 'onDidChange' | 'setPolicy'>,
  read: ReadPolicySetting,
  focus: WindowFocus,
): vscode.Disposable {
  const battery = new BatteryMonitor({
    ...{ engine, focus },
    read: () => readPowerSource(realSystem),
    matters: () => batteryMatters(read),
    intervalMs: realSystem.platform === 'win32' ? 300_000 : 60_000,
  });
  const keeper = new PolicyKeeper({
    ...{ engine, battery, read },
    onDidChangeSettings: (listener) => onDidChangeSettings(policySettings, listener),
  });
  return vscode.Disposable.from(keeper, battery);
}
