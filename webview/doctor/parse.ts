/** The edge of the page: turns whatever arrives into a `DoctorEvent`; an unknown message becomes undefined. */
import {
  checkIds,
  checkSources,
  doctorActions,
  type CheckView,
  type DoctorEvent,
  type DoctorStepId,
  type DoctorStepView,
  type FindingView,
} from '../../src/protocol/doctor';
import { list, optionalNumber, record, textOr } from '../loose';

const stepIds: readonly DoctorStepId[] = ['machine', 'plan', 'question'];
const stepStates: readonly DoctorStepView['state'][] = ['waiting', 'running', 'done', 'leftOut'];

export function parseDoctorEvent(data: unknown): DoctorEvent | undefined {
  const event = record(data);
  switch (event['kind']) {
    case 'snapshot':
      return {
        kind: 'snapshot',
        running: event['running'] === true,
        steps: list(event['steps'], parseStep),
        checks: list(event['checks'], parseCheck),
        findings: Array.isArray(event['findings']) ? list(event['findings'], parseFinding) : undefined,
      };
    case 'copied':
      return { kind: 'copied' };
    default:
      return undefined;
  }
}

function parseStep(data: unknown): DoctorStepView | undefined {
  const step = record(data);
  const id = oneOf(stepIds, step['id']);
  const state = oneOf(stepStates, step['state']);
  if (id === undefined || state === undefined) return undefined;
  const reason = textOr(step['reason']);
  return {
    id,
    state,
    fraction: optionalNumber(step['fraction']),
    reason: reason === '' ? undefined : reason,
  };
}

function parseCheck(data: unknown): CheckView | undefined {
  const check = record(data);
  const id = oneOf(checkIds, check['id']);
  if (id === undefined) return undefined;
  const value = textOr(check['value']);
  const source = oneOf(checkSources, check['source']) ?? 'notTold';
  return value === ''
    ? { id, value: undefined, source, concern: false }
    : { id, value, source, concern: check['concern'] === true };
}

function parseFinding(data: unknown): FindingView | undefined {
  const finding = record(data);
  const text = textOr(finding['text']);
  return text === '' ? undefined : { text, action: oneOf(doctorActions, finding['action']) };
}

function oneOf<Value extends string>(values: readonly Value[], data: unknown): Value | undefined {
  return values.find((value) => value === data);
}
