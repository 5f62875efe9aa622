import type { SettingKey, SettingTypes } from '../contributions';
import type { Engine } from '../engineClient/engine';
import type { BatteryMonitor } from '../hardware/batteryMonitor';
import type { ServePolicy } from '../protocol/engine';

/** The settings that the policy follows. */
export const policySettings = [
  'engine.idleUnloadMinutes',
  'engine.idleUnloadMinutesOnBattery',
  'engine.savedStatesGiB',
] as const satisfies readonly SettingKey[];
type PolicySettings = Pick<SettingTypes, (typeof policySettings)[number]>;

export type ReadPolicySetting = <K extends keyof PolicySettings>(key: K) => PolicySettings[K];

/** What the settings say of an engine that nobody asks anything. */
export function servePolicy(read: ReadPolicySetting, onBattery: boolean): ServePolicy {
  return {
    idleUnloadMinutes: read(onBattery ? 'engine.idleUnloadMinutesOnBattery' : 'engine.idleUnloadMinutes'),
    snapshotBytes: Math.round(read('engine.savedStatesGiB') * 2 ** 30),
  };
}

/** Whether it makes a difference what the machine draws its power from. */
export function batteryMatters(read: ReadPolicySetting): boolean {
  return read('engine.idleUnloadMinutes') !== read('engine.idleUnloadMinutesOnBattery');
}

export interface PolicyKeeperDeps {
  engine: Pick<Engine, 'setPolicy'>;
  battery: Pick<BatteryMonitor, 'onBattery' | 'onDidChange' | 'refresh'>;
  read: ReadPolicySetting;
  onDidChangeSettings: (listener: () => void) => { dispose(): void };
}

/** Keeps the engine's policy what the settings and the battery make it. */
export class PolicyKeeper {
  #told = '';
  readonly #subscriptions: { dispose(): void }[];

  constructor(private readonly deps: PolicyKeeperDeps) {
    const { battery, onDidChangeSettings } = deps;
    this.#subscriptions = [
      battery.onDidChange(() => this.#tell()),
      onDidChangeSettings(() => {
        battery.refresh();
        this.#tell();
      }),
    ];
    this.#tell();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #tell(): void {
    const { engine, battery, read } = this.deps;
    const policy = servePolicy(read, battery.onBattery);
    // All windows share the engine: only a change is worth a word that counts for all.
    const now = JSON.stringify(policy);
    if (now === this.#told) return;
    this.#told = now;
    engine.setPolicy(policy);
  }
}
