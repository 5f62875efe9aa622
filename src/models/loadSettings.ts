import {
  settingDefaults,
  type PerModelLoadSettings,
  type SettingKey,
  type SettingTypes,
} from '../contributions';
import type { LoadForm } from '../protocol/webview';
import { parseByRule, parseSetting, settingRules, type SettingProblem } from '../settingsParse';

/** The effective value of a setting, unchecked. */
export type ReadSetting = (key: SettingKey) => unknown;

/** The settings of `load.*` that may also stand under `load.perModel`. */
export type LoadSettingName = keyof PerModelLoadSettings;
export const loadSettingNames = [
  'vramBudget',
  'gpuLayers',
  'contextSize',
  'batchSize',
  'threads',
  'kvCacheType',
  'flashAttention',
  'sequences',
  'mmap',
  'mlock',
] as const satisfies readonly LoadSettingName[];

export interface LoadSettings {
  options: LoadForm;
  /** Values that could not be used, general ones and this file's. */
  problems: SettingProblem[];
  /** Whether this file has values of its own. */
  perModel: boolean;
}

/** How the settings say that a file is to be loaded: its own values over the general ones over the defaults. */
export function loadSettingsFor(modelPath: string, read: ReadSetting): LoadSettings {
  const problems: SettingProblem[] = [];
  const note = <Value>(parsed: { value: Value; problem: SettingProblem | undefined }): Value => {
    if (parsed.problem) problems.push(parsed.problem);
    return parsed.value;
  };

  const files = note(parseSetting('load.perModel', read('load.perModel')));
  // An own property only: a file could be called "constructor".
  const own: Record<string, unknown> | undefined = Object.hasOwn(files, modelPath)
    ? files[modelPath]
    : undefined;

  function value<Name extends LoadSettingName>(name: Name): SettingTypes[`load.${Name}`] {
    const key: `load.${Name}` = `load.${name}`;
    const general = note(parseSetting(key, read(key)));
    if (own === undefined || !Object.hasOwn(own, name)) return general;
    const setting = `layercake.load.perModel["${modelPath}"].${name}`;
    const fallback: SettingTypes[`load.${Name}`] = settingDefaults[key];
    return note(parseByRule(setting, settingRules[key], own[name], fallback));
  }

  const options: LoadForm = {
    modelPath,
    vramBudget: value('vramBudget'),
    gpuLayers: value('gpuLayers'),
    contextSize: value('contextSize'),
    batchSize: value('batchSize'),
    threads: value('threads'),
    kvCacheType: value('kvCacheType'),
    flashAttention: value('flashAttention'),
    sequences: value('sequences'),
    mmap: value('mmap'),
    mlock: value('mlock'),
  };
  return { options, problems, perModel: own !== undefined };
}

/** The path that the settings name; undefined where none is. */
export function configuredModelPath(read: ReadSetting): string | undefined {
  const path = parseSetting('model.path', read('model.path')).value.trim();
  return path === '' ? undefined : path;
}
