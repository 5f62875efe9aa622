import { beforeEach, describe, expect, it } from 'vitest';
import { settingDefaults, type SettingKey } from '../../../src/contributions';
import { loadSettingsFor } from '../../../src/models/loadSettings';
import { saveLoadForm, saveOwnValue, type WriteSetting } from '../../../src/models/saveLoadSettings';
import { loadForm } from '../../support/loadForm';

const path = '/models/a.gguf';
const form = loadForm(path);

/** settings.json */
let own: Partial<Record<SettingKey, unknown>>;
let written: SettingKey[];
const read = (key: SettingKey) => own[key] ?? settingDefaults[key];
const write: WriteSetting = (key, value) => {
  written.push(key);
  own = Object.fromEntries(Object.entries({ ...own, [key]: value }).filter(([, each]) => each !== undefined));
  return Promise.resolve();
};
beforeEach(() => {
  own = {};
  written = [];
});

describe('saveLoadForm', () => {
  it('writes only what differs from the defaults', async () => {
    await saveLoadForm({ ...form, threads: 4 }, false, read, write);
    expect(own).toEqual({ 'model.path': path, 'load.threads': 4 });
    written = [];
    await saveLoadForm({ ...form, threads: 4 }, false, read, write);
    expect(written).toEqual([]);
  });

  it('takes a value away that is automatic again', async () => {
    own = { 'model.path': path, 'load.gpuLayers': 12, 'load.mlock': true };
    await saveLoadForm(form, false, read, write);
    expect(own).toEqual({ 'model.path': path });
  });

  it('keeps a file’s own values apart, automatic ones too', async () => {
    own = { 'load.gpuLayers': 12, 'load.threads': 4, 'load.perModel': { '/b.gguf': { mmap: false } } };
    const mine = { ...form, gpuLayers: null, threads: 4, contextSize: 4096 };
    await saveLoadForm(mine, true, read, write);
    expect(own).toEqual({
      'model.path': path,
      'load.gpuLayers': 12,
      'load.threads': 4,
      'load.perModel': { '/b.gguf': { mmap: false }, [path]: { gpuLayers: null, contextSize: 4096 } },
    });
    expect(loadSettingsFor(path, read)).toMatchObject({ options: mine, perModel: true });
  });

  it('makes own values general ones', async () => {
    own = { 'load.perModel': { [path]: { threads: 2 } } };
    await saveLoadForm({ ...form, threads: 2 }, false, read, write);
    expect(own).toEqual({ 'model.path': path, 'load.threads': 2 });
  });

  it('repairs a setting of a wrong shape', async () => {
    own = { 'load.perModel': 'nonsense', 'load.batchSize': 3 };
    await saveLoadForm({ ...form, batchSize: 256 }, true, read, write);
    expect(own['load.perModel']).toEqual({ [path]: { batchSize: 256 } });
  });
});

it('sets one value of a file beside its others', async () => {
  own = { 'load.perModel': { [path]: { threads: 2, gpuLayers: 5 } } };
  await saveOwnValue(path, 'gpuLayers', 7, read, write);
  expect(own).toEqual({ 'load.perModel': { [path]: { threads: 2, gpuLayers: 7 } } });
});
