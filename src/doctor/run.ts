import type { Engine } from '../engineClient/engine';
import { CancelledError } from '../errors';
import type { System } from '../hardware/system';
import type { VramDevice } from '../hardware/vram';
import type { Calibration } from '../protocol/engine';
import type { DoctorStepId } from '../protocol/doctor';
import type { HardwareView } from '../protocol/webview';
import type { Diagnosis, LeftOut, MachineReading, PlanFacts } from './diagnosis';
import { readDriver } from './driver';
import { readMemoryModules } from './memoryModules';
import { readInstructionSets } from './processor';
import { watchQuestion } from './watch';

export interface RunDeps {
  engine: Pick<Engine, 'chat' | 'snapshot'>;
  system: System;
  /** `process.arch` */
  arch: string;
  /** Name of the CPU; undefined where the system does not tell. */
  cpuName: () => string | undefined;
  hardware: () => Promise<HardwareView>;
  vram: () => Promise<VramDevice[]>;
  /** What the last calibration measured. */
  calibration: () => Promise<Calibration | undefined>;
  /** Of the model in use. */
  planFacts: () => Promise<PlanFacts | undefined>;
  /** Whether the settings name a model. */
  modelChosen: () => boolean;
  /** An error in words. */
  describe: (error: unknown) => string;
  /** Milliseconds. */
  now: () => number;
}

/** How far a run has come. */
export interface RunProgress {
  step: DoctorStepId;
  /** Of the step: 0 … 1; undefined: not known. */
  fraction: number | undefined;
  /** What is known so far. */
  diagnosis: Diagnosis | undefined;
}

/**
 * Looks at the machine, asks for the plan, and watches a short question. Never rejects: what was found until a cancel
 * or a failure is the result.
 */
export async function runDoctor(
  deps: RunDeps,
  onProgress: (progress: RunProgress) => void,
  signal: AbortSignal,
): Promise<Diagnosis> {
  const { info, model, runtime } = deps.engine.snapshot;
  const cancelled = () => signal.aborted;
  onProgress({ step: 'machine', fraction: undefined, diagnosis: undefined });
  let diagnosis: Diagnosis = {
    engine: { info, model, runtime },
    machine: await readMachine(deps),
    ...{ plan: undefined, watched: undefined, leftOut: undefined, failure: undefined },
  };
  if (cancelled()) return { ...diagnosis, leftOut: 'cancelled' };

  onProgress({ step: 'plan', fraction: undefined, diagnosis });
  // A plan that cannot be made leaves out estimates, not the examination.
  diagnosis = { ...diagnosis, plan: await deps.planFacts().catch(() => undefined) };

  const leftOut = cancelled() ? 'cancelled' : reasonAgainst(deps);
  if (leftOut) return { ...diagnosis, leftOut };
  onProgress({ step: 'question', fraction: 0, diagnosis });
  try {
    const tell = (fraction: number) => onProgress({ step: 'question', fraction, diagnosis });
    return { ...diagnosis, watched: await watchQuestion(deps, tell, signal) };
  } catch (error) {
    if (cancelled() || CancelledError.is(error)) return { ...diagnosis, leftOut: 'cancelled' };
    return { ...diagnosis, leftOut: 'failed', failure: deps.describe(error) };
  }
}

async function readMachine(deps: RunDeps): Promise<MachineReading> {
  const { system, arch, cpuName } = deps;
  const [hardware, driver, modules, instructionSets, calibration] = await Promise.all([
    deps.hardware(),
    readDriver(system),
    readMemoryModules(system),
    readInstructionSets(system, arch),
    deps.calibration().catch(() => undefined),
  ]);
  return { hardware, driver, modules, cpuName: cpuName(), instructionSets, calibration };
}

/** A question waits for nobody and loads nothing: what it would measure then is something else. */
function reasonAgainst({ engine, modelChosen }: RunDeps): LeftOut | undefined {
  const { state, model } = engine.snapshot;
  if (model === undefined) return modelChosen() ? 'notLoaded' : 'noModelChosen';
  return state.kind === 'ready' ? undefined : 'busy';
}
