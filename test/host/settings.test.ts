import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { settingDefaults, type SettingKey } from '../../src/contributions';
import { readSetting, writeSetting } from '../../src/settings';

const keys = Object.keys(settingDefaults) as SettingKey[];

describe('settings', () => {
  it('are known to the editor, with the defaults of the code', () => {
    const settings = vscode.workspace.getConfiguration('layercake');
    for (const key of keys) assert.deepEqual(settings.inspect(key)?.defaultValue, settingDefaults[key], key);
  });

  it('are written as ordinary user settings, and taken away again', async () => {
    await writeSetting('load.batchSize', 64);
    assert.equal(readSetting('load.batchSize'), 64);
    assert.equal(vscode.workspace.getConfiguration('layercake').inspect('load.batchSize')?.globalValue, 64);
    await writeSetting('load.batchSize', undefined);
    assert.equal(readSetting('load.batchSize'), settingDefaults['load.batchSize']);
  });

  it('of the machine cannot be set by a workspace', async () => {
    const settings = vscode.workspace.getConfiguration('layercake');
    await assert.rejects(async () => {
      await settings.update('model.path', '/tmp/model.gguf', vscode.ConfigurationTarget.Workspace);
    });
  });
});
