import { advise } from '../plan/advice';
import type { Machine } from '../plan/machine';
import type { Plan } from '../plan/plan';
import type { QuantLevel } from '../plan/quantAdvice';
import { shapeOf } from '../plan/shapeOf';
import { modelsAtHand } from '../planner/modelsAtHand';
import type { PlannedFile, Planner } from '../planner/planner';
import { formulasFor, planRequest, type PlanWishes } from '../planner/planRequest';
import type { PlanFacts } from './diagnosis';

export interface PlanFactsDeps {
  planner: Pick<Planner, 'estimate'>;
  /** Reads a file's header. Rejects for one that is no good. */
  open: (modelPath: string) => Promise<PlannedFile>;
  /** The machine as a load would find it. */
  machine: () => Promise<Machine>;
  /** What the settings ask of a file's plan. */
  wishes: (modelPath: string) => PlanWishes;
  /** The plan by which the loaded model was loaded; undefined: none is, or it was not planned. */
  current: () => Plan | undefined;
  /** Paths of the model's other quant levels at hand. Rejects where they cannot be looked for. */
  levels: (modelPath: string) => Promise<readonly string[]>;
  /** Paths of models at hand. Rejects where they cannot be looked for. */
  models: () => Promise<readonly string[]>;
}

/** Plan and advice for a file. Rejects where its header, or the machine, cannot be read. */
export async function planFactsFor(modelPath: string, deps: PlanFactsDeps): Promise<PlanFacts> {
  const file = await deps.open(modelPath);
  const machine = await deps.machine();
  const wishes = deps.wishes(modelPath);
  const shape = shapeOf(file.header);
  const request = planRequest(shape, machine, wishes);
  const plan = deps.current() ?? deps.planner.estimate(file, machine, wishes);
  const levels = await levelsOf(modelPath, deps);
  const models = await modelsAtHand(await deps.models().catch(() => []), deps.open);
  return { request, plan, advice: advise(request, plan, { oracleOf: formulasFor, levels, models }) };
}

/** A level that cannot be read is none to advise. */
async function levelsOf(modelPath: string, { levels, open }: PlanFactsDeps): Promise<QuantLevel[]> {
  const paths = await levels(modelPath).catch(() => []);
  const shapes = await Promise.all(
    paths
      .filter((path) => path !== modelPath)
      .map((path) =>
        open(path)
          .then(({ header }) => shapeOf(header))
          .catch(() => undefined),
      ),
  );
  return shapes.flatMap((shape) => (shape ? { name: shape.quant, shape } : []));
}
