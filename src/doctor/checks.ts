import type { CheckView } from '../protocol/doctor';
import type { Translate } from '../translate';
import { answerChecks } from './answerChecks';
import type { Diagnosis } from './diagnosis';
import { machineChecks } from './machineChecks';

/** What was read of the machine, then what happened during the question; one row each. */
export function checksOf(diagnosis: Diagnosis, t: Translate): CheckView[] {
  return [...machineChecks(diagnosis, t), ...answerChecks(diagnosis, t)];
}
