import * as vscode from 'vscode';
import { settingDefaults, type SettingKey, type SettingTypes } from './contributions';

const section = 'layercake';

/** The effective value of one setting. What is out of range or of a wrong type is refused in `parseSetting`. */
export function readSetting<K extends SettingKey>(key: K, scope?: vscode.Uri): SettingTypes[K] {
  return vscode.workspace.getConfiguration(section, scope).get<SettingTypes[K]>(key) ?? settingDefaults[key];
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
