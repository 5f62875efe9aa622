import type { GgufHeader } from '../gguf/model';
import {
  correctionFactors,
  correctRates,
  lastRates,
  type Corrections,
  type MeasuredRates,
} from '../plan/correction';
import type { Machine } from '../plan/machine';
import type { Plan, PlanRequest } from '../plan/plan';
import { shapeOf } from '../plan/shapeOf';
import { SimulatedOracle } from '../plan/simulatedOracle';
import { solve } from '../plan/solve';
import { solveExactly } from '../plan/solveExactly';
import type { SimulatedUse, SimulateParams } from '../protocol/engine';
import { formulasFor, planRequest, type PlanWishes } from './planRequest';

export type SimulateFile = (params: SimulateParams, signal?: AbortSignal) => Promise<SimulatedUse[]>;

/** A model to plan for. */
export interface PlannedFile {
  header: GgufHeader;
  /** What the engine simulates with: the file, or a sparse one with a remote file's header. */
  path: string;
  /** Changes with the file's content, e.g. path, size and time of change. */
  identity: string;
}

interface KnownFile {
  shape: PlanRequest['shape'];
  oracle: SimulatedOracle;
}

/** Plans files, and keeps what was simulated of each for as long as it lives. */
export class Planner {
  private readonly files = new Map<string, KnownFile>();

  /** @param corrections what answers taught of the rates */
  constructor(
    private readonly simulate: SimulateFile,
    private readonly corrections: () => Corrections = () => ({}),
  ) {}

  /** By formulas and what was simulated before. Milliseconds. */
  estimate(file: PlannedFile, machine: Machine, wishes: PlanWishes): Plan {
    return this.corrected(solve(this.request(file, machine, wishes)), file, wishes);
  }

  /** The same, its bytes llama.cpp's own. Rejects as `simulate` does. */
  async plan(file: PlannedFile, machine: Machine, wishes: PlanWishes, signal?: AbortSignal): Promise<Plan> {
    const request = this.request(file, machine, wishes);
    const ask = (configs: SimulateParams['configs']) =>
      this.simulate({ modelPath: file.path, configs }, signal);
    return this.corrected(await solveExactly(request, ask, signal), file, wishes);
  }

  /** Of the last answer by this very plan. */
  measuredRates({ identity }: PlannedFile, { config }: Plan): MeasuredRates {
    return lastRates(this.corrections(), identity, config);
  }

  private corrected(plan: Plan, { identity }: PlannedFile, { typical }: PlanWishes): Plan {
    const { config, rates } = plan;
    const factors = correctionFactors(this.corrections(), identity, config);
    return { ...plan, rates: correctRates(rates, factors, typical, config.contextSize) };
  }

  private request(
    file: PlannedFile,
    machine: Machine,
    wishes: PlanWishes,
  ): PlanRequest & { oracle: SimulatedOracle } {
    const { shape, oracle } = this.known(file, machine);
    return { ...planRequest(shape, machine, wishes), oracle };
  }

  /** What was simulated holds for one device alone. */
  private known(file: PlannedFile, machine: Machine): KnownFile {
    const { backend, gpu } = machine;
    const key = JSON.stringify([file.identity, backend, gpu?.name, gpu?.totalBytes]);
    let known = this.files.get(key);
    if (known === undefined) {
      const shape = shapeOf(file.header);
      known = {
        shape,
        oracle: new SimulatedOracle(formulasFor(shape, machine), shape),
      };
      this.files.set(key, known);
    }
    return known;
  }
}
