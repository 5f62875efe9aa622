/**
 * Every message between the extension and the doctor page. The page sends `ready` and gets a whole snapshot; later
 * ones replace it.
 */

/** Of the machine, then of the answer. */
export const machineCheckIds = [
  'gpu',
  'vram',
  'driver',
  'backend',
  'runtime',
  'ram',
  'modules',
  'ramSpeed',
  'ramRated',
  'ramMeasured',
  'vramMeasured',
  'copyMeasured',
  'cpu',
  'instructions',
  'disk',
] as const;
export const answerCheckIds = [
  'decode',
  'prefill',
  'firstToken',
  'majorFaults',
  'swap',
  'vramAnswer',
  'spill',
] as const;
export const checkIds = [...machineCheckIds, ...answerCheckIds];
export type CheckId = (typeof checkIds)[number];

/** notTold: this system does not say. notMeasured: a calibration will. notStarted: the engine will. */
export const checkSources = [
  ...(['measured', 'told', 'estimated'] as const),
  ...(['notTold', 'notMeasured', 'notStarted'] as const),
];
export type CheckSource = (typeof checkSources)[number];

export interface CheckView {
  id: CheckId;
  /** Ready to show; undefined with the sources that have none. */
  value: string | undefined;
  source: CheckSource;
  /** Whether it is likely to cost speed. */
  concern: boolean;
}

/** Commands that a finding offers, by their names in contributions.ts. */
export const doctorActions = [
  'openSettings',
  'setGpuLayers',
  'chooseModel',
  'loadModel',
  'calibrate',
  'showLog',
] as const;
export type DoctorAction = (typeof doctorActions)[number];

export interface FindingView {
  /** Sentences, ready to show; what is predicted is called estimated in them. */
  text: string;
  action: DoctorAction | undefined;
}

export type DoctorStepId = 'machine' | 'plan' | 'question';

export interface DoctorStepView {
  id: DoctorStepId;
  state: 'waiting' | 'running' | 'done' | 'leftOut';
  /** While it runs: 0 … 1; undefined: not known. */
  fraction: number | undefined;
  /** With `leftOut`: why, in a sentence. */
  reason: string | undefined;
}

export interface DoctorSnapshot {
  kind: 'snapshot';
  running: boolean;
  steps: DoctorStepView[];
  checks: CheckView[];
  /** Best first; undefined until a run has ended. */
  findings: FindingView[] | undefined;
}

export type DoctorCommand =
  /** Also starts the first run. */
  | { kind: 'ready' }
  | { kind: 'run' }
  | { kind: 'cancel' }
  | { kind: 'act'; action: DoctorAction }
  | { kind: 'copyReport' }
  | { kind: 'saveReport' };

export type DoctorEvent =
  | DoctorSnapshot
  /** What a button brought about, for the page to confirm. */
  | { kind: 'copied' };
