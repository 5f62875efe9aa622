import type { CheckId, CheckSource, CheckView } from '../protocol/doctor';

/** What a missing value means, where it is not that the system does not tell. */
type Absence = Extract<CheckSource, 'notTold' | 'notMeasured' | 'notStarted'>;

/** undefined becomes what its absence means, whatever source it would have had. */
export function check(
  id: CheckId,
  value: string | undefined,
  source: CheckSource,
  { concern = false, absence = 'notTold' }: { concern?: boolean; absence?: Absence } = {},
): CheckView {
  return { id, value, source: value === undefined ? absence : source, concern };
}
