import type { PlanConfig, SimulatedUse } from '../protocol/engine';
import { fitOf } from './fit';
import type { MemoryOracle } from './memory';
import type { Plan, PlanRequest } from './plan';
import { solve } from './solve';

/** An oracle that is told what llama.cpp simulated, exact for it and closer around it. */
export interface LearningOracle extends MemoryOracle {
  /** Whether this very configuration was simulated. */
  knows(config: PlanConfig): boolean;
  learn(config: PlanConfig, use: SimulatedUse): void;
}

/** Asks llama.cpp about configurations, in order. */
export type Simulate = (configs: PlanConfig[]) => Promise<SimulatedUse[]>;

const mostRounds = 6;

/**
 * A plan whose bytes, and those of one layer more, are llama.cpp's own: solves, simulates both, learns, and solves
 * again until nothing is left to ask. Where the rounds do not suffice, the quickest of what was simulated.
 * @throws what `simulate` throws, and the signal's reason
 */
export async function solveExactly(
  request: PlanRequest & { oracle: LearningOracle },
  simulate: Simulate,
  signal?: AbortSignal,
): Promise<Plan> {
  const { oracle } = request;
  const simulated: PlanConfig[] = [];
  const learn = async (configs: PlanConfig[]) => {
    signal?.throwIfAborted();
    if (configs.length === 0) return;
    const uses = await simulate(configs);
    signal?.throwIfAborted();
    configs.forEach((config, index) => {
      const use = uses[index];
      if (use === undefined)
        throw new Error('The simulation told of fewer configurations than it was asked about.');
      oracle.learn(config, use);
      simulated.push(config);
    });
  };
  for (let round = 0; round < mostRounds; round++) {
    const plan = solve(request);
    const open = unknown(request, plan.config);
    if (open.length === 0) return plan;
    await learn(open);
  }
  const last = solve(request);
  if (unknown(request, last.config).length === 0) return last;
  const pinnedTo = (config: PlanConfig) => solve({ ...request, pins: { ...request.pins, ...config } });
  const best = simulated.map(pinnedTo).reduce((a, b) => (rank(b) < rank(a) ? b : a));
  if (best.verdict !== 'doesNotFit' || request.pins.gpuLayers !== undefined) {
    await learn(unknown(request, best.config));
    return pinnedTo(best.config);
  }
  // None of them fits: between no layers and too many, halving ends with a pair of which one fits.
  let fitting = -1;
  let over = best.config.gpuLayers;
  while (over - fitting > 1) {
    const gpuLayers = Math.floor((fitting + over) / 2);
    const config = { ...best.config, gpuLayers };
    if (!oracle.knows(config)) await learn([config]);
    if (pinnedTo(config).verdict === 'doesNotFit') over = gpuLayers;
    else fitting = gpuLayers;
  }
  return pinnedTo({ ...best.config, gpuLayers: Math.max(0, fitting) });
}

/** The configuration and the one with a layer more, as far as they were not simulated and llama.cpp can. */
function unknown(request: PlanRequest & { oracle: LearningOracle }, config: PlanConfig): PlanConfig[] {
  const next = { ...config, gpuLayers: config.gpuLayers + 1 };
  const hasNext = request.machine.gpu !== undefined && next.gpuLayers <= request.shape.totalLayers;
  return (hasNext ? [config, next] : [config]).filter(
    (asked) => !request.oracle.knows(asked) && fitOf(request, asked).overTensorBytes === 0,
  );
}

/** Seconds of the request; what does not fit comes last. */
function rank(plan: Plan): number {
  return plan.verdict === 'doesNotFit' ? Infinity : plan.rates.requestSeconds;
}
