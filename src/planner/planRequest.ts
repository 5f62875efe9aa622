import { analyticOracle } from '../plan/analyticOracle';
import type { Machine } from '../plan/machine';
import type { MemoryOracle } from '../plan/memory';
import type { PlanRequest, TypicalRequest } from '../plan/plan';
import type { ModelShape } from '../plan/shape';

/** What a person wants of a plan; what is absent is solved. */
export interface PlanWishes {
  vramBudgetBytes?: number | undefined;
  pins: PlanRequest['pins'];
  typical: TypicalRequest;
  /** What a second model takes beside this one, within a budget of VRAM (bytes; undefined: what is free). */
  completion?:
    | ((machine: Machine, budgetBytes: number | undefined) => NonNullable<PlanRequest['completion']>)
    | undefined;
}

/** Tokens planned for where nobody says: what models are trained on is often more than memory holds. */
const usualContext = 8192;

/** The question to the solver, its bytes by formulas. */
export function planRequest(
  shape: ModelShape,
  machine: Machine,
  { vramBudgetBytes, pins, typical, completion: besides }: PlanWishes,
): PlanRequest {
  const contextWanted = Math.min(usualContext, shape.trainContext);
  const oracle = formulasFor(shape, machine);
  const completion = besides?.(machine, vramBudgetBytes);
  return { shape, machine, oracle, vramBudgetBytes, contextWanted, pins, typical, completion };
}

/** A model's bytes by formulas, on a machine with or without a GPU. */
export function formulasFor(shape: ModelShape, { gpu }: Machine): MemoryOracle {
  return analyticOracle(shape, { hasGpu: gpu !== undefined });
}
