import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { createPolicy } from '../../src/createPolicy';
import type { ServePolicy } from '../../src/protocol/engine';
import { readSetting, writeSetting } from '../../src/settings';

const gib = 2 ** 30;
const noEvent = new vscode.EventEmitter<never>().event;

describe('the engine’s policy', () => {
  it('follows the settings as they change', async () => {
    const told: ServePolicy[] = [];
    const engine = {
      snapshot: {
        state: { kind: 'stopped' } as const,
        info: undefined,
        model: undefined,
        runtime: undefined,
      },
      onDidChange: noEvent,
      setPolicy: (policy: ServePolicy) => told.push(policy),
    };
    const policy = createPolicy(engine, readSetting, { focused: true, onDidChange: noEvent });
    try {
      await writeSetting('engine.idleUnloadMinutes', 45);
      await writeSetting('engine.savedStatesGiB', 0);
      await writeSetting('engine.idleUnloadMinutes', -1);
      assert.deepEqual(told, [
        { idleUnloadMinutes: 30, snapshotBytes: 8 * gib },
        { idleUnloadMinutes: 45, snapshotBytes: 8 * gib },
        { idleUnloadMinutes: 45, snapshotBytes: 0 },
        // One that is no good counts as the default.
        { idleUnloadMinutes: 30, snapshotBytes: 0 },
      ]);
    } finally {
      policy.dispose();
      await writeSetting('engine.idleUnloadMinutes', undefined);
      await writeSetting('engine.savedStatesGiB', undefined);
    }
  });
});
