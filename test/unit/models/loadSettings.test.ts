import { describe, expect, it } from 'vitest';
import manifest from '../../../package.json';
import { settingDefaults, type SettingKey } from '../../../src/contributions';
import { configuredModelPath, loadSettingNames, loadSettingsFor } from '../../../src/models/loadSettings';
import { describeSettingProblem, parseSetting, settingRules } from '../../../src/settingsParse';
import { translate } from './translate';

const path = '/models/a.gguf';
const settings = (values: Partial<Record<SettingKey, unknown>>) => (key: SettingKey) =>
  key in values ? values[key] : settingDefaults[key];

describe('loadSettingsFor', () => {
  it('gives the defaults', () => {
    const { options, problems, perModel } = loadSettingsFor(path, settings({}));
    expect(options).toEqual({
      modelPath: path,
      vramBudget: null,
      gpuLayers: null,
      contextSize: null,
      batchSize: null,
      threads: null,
      kvCacheType: null,
      flashAttention: 'auto',
      sequences: null,
      mmap: true,
      mlock: false,
    });
    expect(problems).toEqual([]);
    expect(perModel).toBe(false);
  });

  it('puts a file’s own values over the general ones, null included', () => {
    const read = settings({
      'load.gpuLayers': 30,
      'load.threads': 4,
      'load.perModel': { [path]: { gpuLayers: 12, threads: null, mmap: false }, '/b.gguf': { gpuLayers: 1 } },
    });
    expect(loadSettingsFor(path, read)).toMatchObject({
      options: { gpuLayers: 12, threads: null, mmap: false },
      perModel: true,
    });
    expect(loadSettingsFor('/c.gguf', read)).toMatchObject({
      options: { gpuLayers: 30, threads: 4, mmap: true },
      perModel: false,
    });
  });

  it('names each value it cannot use, and goes on with the default', () => {
    const { options, problems } = loadSettingsFor(
      path,
      settings({
        'load.threads': 0,
        'load.batchSize': 12.5,
        'load.kvCacheType': 'f32',
        'load.sequences': 5,
        'load.perModel': { [path]: { contextSize: 10, mlock: 'yes' } },
      }),
    );
    expect(options).toMatchObject({
      threads: null,
      batchSize: null,
      kvCacheType: null,
      sequences: null,
      contextSize: null,
      mlock: false,
    });
    expect(problems.map((problem) => describeSettingProblem(problem, translate))).toEqual([
      'layercake.load.perModel["/models/a.gguf"].contextSize is 10, but has to be a whole number from 256 to 1048576, or null. The default is used.',
      'layercake.load.batchSize is 12.5, but has to be a whole number from 16 to 8192, or null. The default is used.',
      'layercake.load.threads is 0, but has to be a whole number from 1 to 512, or null. The default is used.',
      'layercake.load.kvCacheType is "f32", but has to be one of null, f16, q8_0, q4_0. The default is used.',
      'layercake.load.sequences is 5, but has to be a whole number from 1 to 4, or null. The default is used.',
      'layercake.load.perModel["/models/a.gguf"].mlock is "yes", but has to be true or false. The default is used.',
    ]);
  });

  it('survives a setting of a wrong shape altogether', () => {
    const { options, problems } = loadSettingsFor(path, settings({ 'load.perModel': { [path]: 7 } }));
    expect(options.batchSize).toBeNull();
    expect(problems).toHaveLength(1);
    expect(loadSettingsFor('constructor', settings({})).perModel).toBe(false);
  });
});

it('finds no model in an empty or blank path', () => {
  expect(configuredModelPath(settings({}))).toBeUndefined();
  expect(configuredModelPath(settings({ 'model.path': '  ' }))).toBeUndefined();
  expect(configuredModelPath(settings({ 'model.path': 7 }))).toBeUndefined();
  expect(configuredModelPath(settings({ 'model.path': path }))).toBe(path);
});

describe('rules', () => {
  interface Property {
    minimum?: number;
    maximum?: number;
    enum?: (string | null)[];
    type: string | string[];
  }
  const properties = Object.assign(
    {},
    ...manifest.contributes.configuration.map((section) => section.properties),
  ) as Record<string, Property>;

  it.each(Object.entries(settingRules))('for %s are the manifest’s', (key, rule) => {
    const property = properties[`layercake.${key}`];
    if (rule.kind === 'integer' || rule.kind === 'number') {
      expect(property?.minimum).toBe(rule.min);
      expect(property?.maximum ?? Infinity).toBe(rule.max);
      expect(property?.type).toEqual(rule.nullable ? [rule.kind, 'null'] : rule.kind);
    } else if (rule.kind === 'choice') {
      expect(property?.enum).toEqual(rule.values);
    } else {
      expect(property?.enum).toBeUndefined();
      expect(property?.minimum).toBeUndefined();
    }
  });

  it.each(Object.entries(settingDefaults))('let the default of %s pass', (key, value) => {
    expect(parseSetting(key as SettingKey, value).problem).toBeUndefined();
  });

  it('cover every setting that a file may have for itself', () => {
    const general = Object.keys(settingRules).filter((key) => /^load\.(?!perModel)/.test(key));
    expect(general).toEqual(loadSettingNames.map((name) => `load.${name}`));
  });

  it('refuse what no range can name', () => {
    for (const value of [NaN, Infinity, '5', true, [], undefined]) {
      expect(parseSetting('sampling.topK', value)).toMatchObject({ value: null, problem: { value } });
    }
    expect(parseSetting('sampling.temperature', 0.2)).toEqual({ value: 0.2, problem: undefined });
    expect(parseSetting('chat.notifyAfter', -1).problem).toBeDefined();
  });
});
