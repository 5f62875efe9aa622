import type en from '../../media/l10n/doctor.en.json';
import type { DoctorCommand } from '../../src/protocol/doctor';
import type { L10n } from '../l10n';

/** A string of the doctor page. */
export type DoctorKey = keyof typeof en;

/** What every part of the page needs. */
export interface Ui {
  l10n: L10n<DoctorKey>;
  post: (command: DoctorCommand) => void;
}
