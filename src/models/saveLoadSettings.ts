import {
  settingDefaults,
  type PerModelLoadSettings,
  type SettingKey,
  type SettingTypes,
} from '../contributions';
import type { LoadForm } from '../protocol/webview';
import { parseSetting } from '../settingsParse';
import { loadSettingNames, type LoadSettingName, type ReadSetting } from './loadSettings';

/** Writes a user setting; undefined takes the person's own value away. */
export type WriteSetting = <K extends SettingKey>(
  key: K,
  value: SettingTypes[K] | undefined,
) => Promise<void>;

/**
 * Writes a form as ordinary settings: for its file alone, or for all files. Only what changes is written, and what
 * equals the default is taken away, so that settings.json stays short.
 */
export async function saveLoadForm(
  form: LoadForm,
  perModel: boolean,
  read: ReadSetting,
  write: WriteSetting,
): Promise<void> {
  if (read('model.path') !== form.modelPath) await write('model.path', form.modelPath);
  if (perModel) await saveOwn(form.modelPath, ownValues(form, read), read, write);
  else {
    for (const name of loadSettingNames) await saveGeneral(name, form[name], read, write);
    await saveOwn(form.modelPath, undefined, read, write);
  }
}

/** Sets one value for one file, beside those that it has. */
export async function saveOwnValue<Name extends LoadSettingName>(
  modelPath: string,
  name: Name,
  value: LoadForm[Name],
  read: ReadSetting,
  write: WriteSetting,
): Promise<void> {
  const own = parseSetting('load.perModel', read('load.perModel')).value;
  const values = Object.hasOwn(own, modelPath) ? own[modelPath] : {};
  await saveOwn(modelPath, { ...values, [name]: value }, read, write);
}

/** The values of a form that differ from the general ones. */
function ownValues(form: LoadForm, read: ReadSetting): PerModelLoadSettings {
  return Object.fromEntries(
    loadSettingNames
      .filter((name) => form[name] !== parseSetting(`load.${name}`, read(`load.${name}`)).value)
      .map((name) => [name, form[name]]),
  );
}

async function saveGeneral<Name extends LoadSettingName>(
  name: Name,
  value: SettingTypes[`load.${Name}`],
  read: ReadSetting,
  write: WriteSetting,
): Promise<void> {
  const key: `load.${Name}` = `load.${name}`;
  if (read(key) === value) return;
  const isDefault = value === settingDefaults[key];
  await write(key, isDefault ? undefined : value);
}

/** `values` undefined: the file has none of its own any more. */
async function saveOwn(
  modelPath: string,
  values: PerModelLoadSettings | undefined,
  read: ReadSetting,
  write: WriteSetting,
): Promise<void> {
  const all = parseSetting('load.perModel', read('load.perModel')).value;
  const before = Object.hasOwn(all, modelPath) ? all[modelPath] : undefined;
  if (JSON.stringify(before) === JSON.stringify(values)) return;
  const others = Object.fromEntries(Object.entries(all).filter(([path]) => path !== modelPath));
  const after = values === undefined ? others : { ...others, [modelPath]: values };
  await write('load.perModel', Object.keys(after).length === 0 ? undefined : after);
}
