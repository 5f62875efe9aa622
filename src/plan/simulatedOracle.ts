import type { PlanConfig, SimulatedUse } from '../protocol/engine';
import type { CategoryBytes, MemoryOracle, MemoryUse } from './memory';
import type { ModelShape } from './shape';

/** What llama.cpp said beyond the formulas, bytes: the same for all configurations alike but for their layers. */
interface Difference {
  weights: { vram: number; ram: number };
  context: { vram: number; ram: number };
}

interface Point {
  config: PlanConfig;
  difference: Difference;
}

/**
 * Exact where llama.cpp simulated a configuration; elsewhere the formulas, corrected by what they missed at the
 * nearest one. Compute buffers hardly depend on how many layers a split has, so that one point of a split tells of
 * all of them.
 */
export class SimulatedOracle implements MemoryOracle {
  private readonly points = new Map<string, Point>();

  constructor(
    private readonly formulas: MemoryOracle,
    private readonly shape: ModelShape,
  ) {}

  /** `analytic` until something was simulated. */
  get kind(): MemoryOracle['kind'] {
    return this.points.size > 0 ? 'simulated' : 'analytic';
  }

  knows(config: PlanConfig): boolean {
    return this.points.has(keyOf(config));
  }

  learn(config: PlanConfig, use: SimulatedUse): void {
    const { vram, ram } = this.formulas.use(config);
    const difference = {
      weights: {
        vram: use.weights.vramBytes - weightsOf(vram),
        ram: use.weights.ramBytes - weightsOf(ram),
      },
      context: {
        vram: use.context.vramBytes - vram.kv - vram.compute,
        ram: use.context.ramBytes - ram.kv - ram.compute,
      },
    };
    this.points.set(keyOf(config), { config, difference });
  }

  use(config: PlanConfig): MemoryUse {
    const known = this.points.get(keyOf(config)) ?? this.nearest(config);
    const use = this.formulas.use(config);
    if (known === undefined) return use;
    const { weights, context } = known.difference;
    return {
      vram: corrected(use.vram, weights.vram, context.vram),
      ram: corrected(use.ram, weights.ram, context.ram),
    };
  }

  /** Only what has the same buffers says anything: of a larger context the formulas know more. */
  private nearest(config: PlanConfig): Point | undefined {
    let best: Point | undefined;
    for (const point of this.points.values()) {
      if (buffersOf(point.config, this.shape) !== buffersOf(config, this.shape)) continue;
      const distance = (other: Point) => Math.abs(other.config.gpuLayers - config.gpuLayers);
      if (best === undefined || distance(point) < distance(best)) best = point;
    }
    return best;
  }
}

/** Added where the bytes are: never so that a category falls below nothing. */
function corrected(bytes: CategoryBytes, weights: number, context: number): CategoryBytes {
  const compute = Math.max(0, bytes.compute + context);
  return {
    ...bytes,
    weights: Math.max(0, bytes.weights + weights),
    // More cache than the formula has, where the whole is less than it.
    kv: Math.max(0, bytes.kv + Math.min(0, bytes.compute + context)),
    compute,
  };
}

function weightsOf({ weights, experts }: CategoryBytes): number {
  return weights + experts;
}

function keyOf(config: PlanConfig): string {
  const { gpuLayers, contextSize, batchSize, kvCacheType, flashAttention, mmap, sequences } = config;
  return [gpuLayers, contextSize, batchSize, kvCacheType, flashAttention, mmap, sequences].join(' ');
}

function buffersOf(config: PlanConfig, { totalLayers }: ModelShape): string {
  const split = config.gpuLayers === 0 ? 'none' : config.gpuLayers >= totalLayers ? 'all' : 'some';
  return keyOf({ ...config, gpuLayers: 0 }) + split;
}
