import { kvCacheTypes, type KvCacheType, type PlanConfig } from '../protocol/engine';
import { fitOf, fits, fitsVram, vramLimit, type Fit } from './fit';
import type { Plan, PlanRequest } from './plan';
import { predictRates } from './rates';
import { judge } from './verdict';

const batchSizes: readonly number[] = [128, 256, 512, 1024, 2048];
const smallestContext = 512;
const contextStep = 256;

/** Share of a request's time that is not worth memory: no prediction is so exact. */
const negligible = 0.01;

interface Candidate {
  fit: Fit;
  /** Of the typical request. */
  seconds: number;
}

/**
 * The plan whose typical request takes the shortest predicted time, within VRAM and RAM. Where nothing fits, the
 * closest configuration, with the verdict `doesNotFit`. Pure; milliseconds over an analytic oracle.
 */
export function solve(request: PlanRequest): Plan {
  const best = search(request);
  const fit = best?.fit ?? closest(request);
  const { shape, machine, typical, pins, oracle } = request;
  const rates = predictRates(fit.config, shape, machine, typical, { pagedBytes: fit.pagedBytes });
  return {
    config: fit.config,
    totalLayers: shape.totalLayers,
    threads: pins.threads ?? Math.max(1, machine.physicalCores - 1),
    cpuExpertLayers: 0,
    backend: machine.backend,
    use: fit.use,
    vramBudgetBytes: vramLimit(request),
    ramAvailableBytes: machine.ram.availableBytes,
    ...judge(request, fit, rates),
    rates,
    ...nextLayer(request, fit),
    oracle: oracle.kind,
  };
}

/** Where the context fits in no other way, first a 4-bit cache is taken, then less of the context. */
function search(request: PlanRequest): Candidate | undefined {
  if (conflicts(request)) return undefined;
  const wanted = request.pins.contextSize ?? request.contextWanted;
  const gentle: readonly KvCacheType[] = ['f16', 'q8_0'];
  const found = quickest(request, wanted, gentle) ?? quickest(request, wanted, kvCacheTypes);
  if (found !== undefined || request.pins.contextSize !== undefined) return found;
  const context = largestContext(request, wanted);
  if (context === undefined) return undefined;
  return quickest(request, context, gentle) ?? quickest(request, context, kvCacheTypes);
}

/** Bytes grow with the context, so that halving finds the largest one. */
function largestContext(request: PlanRequest, wanted: number): number | undefined {
  const possible = (context: number) => quickest(request, context, kvCacheTypes) !== undefined;
  let low = Math.ceil(smallestContext / contextStep);
  let high = Math.ceil(wanted / contextStep) - 1;
  if (high < low || !possible(low * contextStep)) return undefined;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (possible(middle * contextStep)) low = middle;
    else high = middle - 1;
  }
  return low * contextStep;
}

function quickest(
  request: PlanRequest,
  contextSize: number,
  kvTypes: readonly KvCacheType[],
): Candidate | undefined {
  const candidates = combinations(request, contextSize, kvTypes).flatMap((settings) =>
    placements(request, settings).map((fit): Candidate => {
      const { shape, machine, typical } = request;
      const { requestSeconds } = predictRates(fit.config, shape, machine, typical, {
        pagedBytes: fit.pagedBytes,
      });
      return { fit, seconds: requestSeconds };
    }),
  );
  const shortest = Math.min(...candidates.map(({ seconds }) => seconds));
  const taken = ({ fit }: Candidate) => fit.vramBytes + fit.ramBytes;
  return candidates
    .filter(({ seconds }) => seconds <= shortest * (1 + negligible))
    .reduce<Candidate | undefined>((a, b) => (a === undefined || taken(b) < taken(a) ? b : a), undefined);
}

/** All but the layers. */
type Settings = Omit<PlanConfig, 'gpuLayers'>;

function combinations(
  { pins, sequences }: PlanRequest,
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
          sequences,
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
function largestSplit(at: (gpuLayers: number) => Fit, upTo: number): number {
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
function pinnedLayers({ pins, shape, machine }: PlanRequest): number | undefined {
  if (machine.gpu === undefined) return 0;
  return pins.gpuLayers === undefined ? undefined : Math.min(pins.gpuLayers, shape.totalLayers);
}

/** Pins that no plan can keep; `judge` says so. */
function conflicts({ pins }: PlanRequest): boolean {
  return pins.kvCacheType !== undefined && pins.kvCacheType !== 'f16' && pins.flashAttention === false;
}

/** What exceeds the limits least. */
function closest(request: PlanRequest): Fit {
  const { pins, shape, sequences } = request;
  const contextSize = pins.contextSize ?? Math.min(request.contextWanted, smallestContext);
  const kvCacheType = pins.kvCacheType ?? (pins.flashAttention === false ? 'f16' : 'q4_0');
  const settings: Settings = {
    contextSize,
    batchSize: pins.batchSize ?? Math.min(batchSizes[0] ?? contextSize, contextSize),
    kvCacheType,
    flashAttention: pins.flashAttention ?? true,
    mmap: pins.mmap ?? true,
    sequences,
  };
  const at = (gpuLayers: number) => fitOf(request, { ...settings, gpuLayers });
  const pinned = pinnedLayers(request);
  if (pinned !== undefined) return at(pinned);
  const most = Math.max(0, largestSplit(at, shape.totalLayers - 1));
  const over = (fit: Fit) => fit.overVramBytes + fit.overRamBytes + fit.overTensorBytes;
  return [at(most), at(shape.totalLayers)].reduce((a, b) => (over(b) < over(a) ? b : a));
}

function nextLayer(request: PlanRequest, fit: Fit): Pick<Plan, 'nextLayerBytes' | 'nextLayerOverBytes'> {
  const { gpuLayers } = fit.config;
  const none = { nextLayerBytes: undefined, nextLayerOverBytes: undefined };
  if (request.machine.gpu === undefined || gpuLayers >= request.shape.totalLayers) return none;
  const next = fitOf(request, { ...fit.config, gpuLayers: gpuLayers + 1 });
  if (next.overTensorBytes > 0) return none;
  return { nextLayerBytes: next.vramBytes - fit.vramBytes, nextLayerOverBytes: next.overVramBytes };
}
