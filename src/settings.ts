import * as vscode from 'vscode';
import { settingDefaults, type SettingKey, type SettingTypes } from './contributions';
import { parseSetting, type SettingProblem } from './settingsParse';

const section = 'layercake';

/** What stands in settings.json, unchecked. */
export function readRawSetting(key: SettingKey): unknown {
  return vscode.workspace.getConfiguration(section).get<unknown>(key) ?? settingDefaults[key];
}

/** The checked value; the default, and a call of `onProblem`, where it is out of range or of a wrong type. */
export function readSetting<K extends SettingKey>(
  key: K,
  onProblem?: (problem: SettingProblem) => void,
): SettingTypes[K] {
  const { value, problem } = parseSetting(key, readRawSetting(key));
  if (problem) onProblem?.(problem);
  return value;
}

/** Writes an ordinary user setting; `undefined` takes the person's own value away. */
export async function writeSetting<K extends SettingKey>(
  key: K,
  value: SettingTypes[K] | undefined,
): Promise<void> {
  await vscode.workspace.getConfiguration(section).update(key, value, vscode.ConfigurationTarget.Global);
}

export function onDidChangeSettings(keys: readonly SettingKey[], listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (keys.some((key) => event.affectsConfiguration(`${section}.${key}`))) listener();
  });
}
