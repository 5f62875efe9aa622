import type { PlanConfig } from '../protocol/engine';
import { fitOf, fits, type Fit } from './fit';
import type { MemoryOracle } from './memory';
import type { Plan, PlanRates, PlanRequest } from './plan';
import { predictRates } from './rates';

/** What llama.cpp's --n-cpu-moe would give: all layers on the GPU but the experts of the first ones. */
export interface ExpertPlacement {
  cpuExpertLayers: number;
  config: PlanConfig;
  /** Bytes. */
  vramBytes: number;
  ramBytes: number;
  pagedBytes: number;
  /** Estimated. */
  rates: PlanRates;
}

/**
 * The fewest layers whose experts must stay on the CPU for the rest to be on the GPU, at the plan's other settings;
 * undefined for a dense model, without a GPU, and where not even that fits. The embedded engine cannot place experts.
 */
export function placeExperts(request: PlanRequest, plan: Plan): ExpertPlacement | undefined {
  const { shape, machine, typical } = request;
  if (shape.experts.count === 0 || machine.gpu === undefined) return undefined;
  const config = { ...plan.config, gpuLayers: shape.totalLayers };
  for (let layers = 1; layers < shape.totalLayers; layers++) {
    const fit = fitOf({ ...request, oracle: withoutExperts(request, layers) }, config);
    if (!fits(fit)) continue;
    const { vramBytes, ramBytes, pagedBytes }: Fit = fit;
    const rates = predictRates(config, shape, machine, typical, { pagedBytes, cpuExpertLayers: layers });
    return { cpuExpertLayers: layers, config, vramBytes, ramBytes, pagedBytes, rates };
  }
  return undefined;
}

function withoutExperts({ oracle, shape }: PlanRequest, layers: number): MemoryOracle {
  const moved = shape.layers.slice(0, layers).reduce((sum, layer) => sum + layer.expertBytes, 0);
  return {
    kind: oracle.kind,
    use(config) {
      const { vram, ram } = oracle.use(config);
      return {
        // An oracle that does not tell experts apart counts them among the weights.
        vram:
          vram.experts >= moved
            ? { ...vram, experts: vram.experts - moved }
            : { ...vram, weights: vram.weights - moved },
        ram: { ...ram, experts: ram.experts + moved },
      };
    },
  };
}
