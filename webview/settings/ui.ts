import type en from '../../media/l10n/settings.en.json';
import type { SettingsCommand } from '../../src/protocol/webview';
import type { L10n } from '../l10n';
import type { Values } from './draft';

/** A string of the settings page. */
export type SettingsKey = keyof typeof en;

/** What every part of the page needs. */
export interface Ui {
  l10n: L10n<SettingsKey>;
  post: (command: SettingsCommand) => void;
  edit: (edit: Partial<Values>) => void;
}

export const mib = 2 ** 20;
export const gib = 2 ** 30;

/** "39.6", "0.62": GiB, with the digits that tell two places apart. */
export function gibText(l10n: L10n<SettingsKey>, bytes: number): string {
  const value = bytes / gib;
  return l10n.fixed(value, value >= 9.995 ? 1 : 2);
}

/** "39.6 GiB", "98 MiB": units stay Latin, as everywhere else in the editor. */
export function bytesText(l10n: L10n<SettingsKey>, bytes: number): string {
  return bytes >= gib ? `${l10n.number(bytes / gib, 1)} GiB` : `${l10n.number(bytes / mib, 0)} MiB`;
}
