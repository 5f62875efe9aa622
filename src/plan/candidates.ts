import type { KvCacheType, PlanConfig } from '../protocol/engine';
import { fitOf, fits, fitsVram, type Fit } from './fit';
import type { PlanRates, PlanRequest } from './plan';
import { predictRates } from './rates';

/** Tokens; the smallest first. */
export const batchSizes: readonly number[] = [128, 256, 512, 1024, 2048];

/** Share of a request's time that is not worth memory: no prediction is so exact. */
const negligible = 0.01;

/** A configuration that fits, and how quick it is. */
export interface Candidate {
  fit: Fit;
  rates: PlanRates;
}

/** The configuration of a context with the shortest typical request; undefined where none fits. */
export function quickest(
  request: PlanRequest,
  contextSize: number,
  kvTypes: readonly KvCacheType[],
): Candidate | undefined {
  const candidates = combinations(request, contextSize, kvTypes).flatMap((settings) =>
    placements(request, settings).map((fit): Candidate => {
      const { shape, machine, typical } = request;
      const { pagedBytes } = fit;
      return { fit, rates: predictRates(fit.config, shape, machine, typical, { pagedBytes }) };
    }),
  );
  const shortest = Math.min(...candidates.map(({ rates }) => rates.requestSeconds));
  const taken = ({ fit }: Candidate) => fit.vramBytes + fit.ramBytes;
  return candidates
    .filter(({ rates }) => rates.requestSeconds <= shortest * (1 + negligible))
    .reduce<Candidate | undefined>((a, b) => (a === undefined || taken(b) < taken(a) ? b : a), undefined);
}

/** All but the layers. */
export type Settings = Omit<PlanConfig, 'gpuLayers'>;

function combinations(
  { pins }: PlanRequest,
  contextSize: number,
  kvTypes: readonly KvCacheType[],
): Settings[] {
  const batches =
    pins.batchSize === undefined
      ? [...new Set(batchSizes.map((size) => Math.min(size, contextSize)))]
      : [pins.batchSize];
  const attentions = pins.flashAttention === undefined ? [true, false] : [pins.flashAttention];
  return (pins.kvCacheType === undefined ? kvTypes : [pins.kvCacheType]).flatMap((kvCacheType) =>
    attentions
      .filter((flashAttention) => flashAttention || kvCacheType === 'f16')
      .flatMap((flashAttention) =>
        batches.map((batchSize) => ({
          contextSize,
          batchSize,
          kvCacheType,
          flashAttention,
          mmap: pins.mmap ?? true,
          sequences: pins.sequences ?? 1,
        })),
      ),
  );
}

/** Layer counts worth comparing: the largest that fits; where the GPU may be the slower part, all that fit. */
function placements(request: PlanRequest, settings: Settings): Fit[] {
  const { shape, machine } = request;
  const at = (gpuLayers: number) => fitOf(request, { ...settings, gpuLayers });
  const pinned = pinnedLayers(request);
  if (pinned !== undefined) return [at(pinned)].filter(fits);
  const { rates } = machine;
  const gpuIsQuicker =
    rates.vramBytesPerSecond >= rates.ramBytesPerSecond &&
    rates.gpuMultiplyAddsPerSecond >= rates.cpuMultiplyAddsPerSecond;
  // Without a split the compute buffers are smaller: all layers can fit where all but one do not.
  const whole = at(shape.totalLayers);
  if (gpuIsQuicker && fits(whole)) return [whole];
  const most = largestSplit(at, shape.totalLayers - 1);
  const counts = gpuIsQuicker ? [most] : Array.from({ length: most + 1 }, (_, count) => count);
  return [...counts.filter((count) => count >= 0).map(at), whole].filter(fits);
}

/** The most layers, of `upTo`, that VRAM holds; −1 where it does not even hold the buffers of none. */
export function largestSplit(at: (gpuLayers: number) => Fit, upTo: number): number {
  const holds = (count: number) => fitsVram(at(count));
  let low = -1;
  let high = upTo;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** As llama.cpp takes it: more layers than the model has are all of them, and without a GPU it is none. */
export function pinnedLayers({ pins, shape, machine }: PlanRequest): number | undefined {
  if (machine.gpu === undefined) return 0;
  return pins.gpuLayers === undefined ? undefined : Math.min(pins.gpuLayers, shape.totalLayers);
}
