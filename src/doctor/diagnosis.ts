import type { EngineSnapshot } from '../engineClient/engine';
import type { Advice } from '../plan/advice';
import type { Plan, PlanRequest } from '../plan/plan';
import type { Calibration } from '../protocol/engine';
import type { HardwareView } from '../protocol/webview';
import type { MemoryModule } from './memoryModules';
import type { Watched } from './watch';

/** What the planner knows of the model in use; Doctor says less without it. */
export interface PlanFacts {
  request: PlanRequest;
  plan: Plan;
  advice: readonly Advice[];
}

/** The machine as it was read. undefined: the system does not tell. */
export interface MachineReading {
  hardware: HardwareView;
  driver: string | undefined;
  modules: readonly MemoryModule[] | undefined;
  cpuName: string | undefined;
  instructionSets: readonly string[] | undefined;
  /** undefined: not calibrated yet. */
  calibration: Calibration | undefined;
}

/** Why no question was asked. */
export type LeftOut = 'noModelChosen' | 'notLoaded' | 'busy' | 'failed' | 'cancelled';

/** All that Doctor found out in one run. */
export interface Diagnosis {
  engine: Pick<EngineSnapshot, 'info' | 'model' | 'runtime'>;
  machine: MachineReading;
  plan: PlanFacts | undefined;
  watched: Watched | undefined;
  leftOut: LeftOut | undefined;
  /** With `failed`: why, in words. */
  failure: string | undefined;
}
