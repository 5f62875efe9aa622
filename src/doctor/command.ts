import * as v from 'valibot';
import { doctorActions, type DoctorCommand } from '../protocol/doctor';

const schema = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({ kind: v.literal('run') }),
  v.object({ kind: v.literal('cancel') }),
  v.object({ kind: v.literal('act'), action: v.picklist(doctorActions) }),
  v.object({ kind: v.literal('copyReport') }),
  v.object({ kind: v.literal('saveReport') }),
]);

/** A message of the page; undefined where it has not the shape of one. */
export function parseDoctorCommand(data: unknown): DoctorCommand | undefined {
  const result = v.safeParse(schema, data);
  return result.success ? result.output : undefined;
}
