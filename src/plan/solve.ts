import { kvCacheTypes, type KvCacheType } from '../protocol/engine';
import {
  batchSizes,
  largestSplit,
  pinnedLayers,
  quickest,
  type Candidate,
  type Settings,
} from './candidates';
import { fitOf, vramLimit, type Fit } from './fit';
import type { Plan, PlanRequest } from './plan';
import { predictRates } from './rates';
import { secondSequence } from './secondSequence';
import { judge } from './verdict';

const smallestContext = 512;
const contextStep = 256;

/**
 * The plan whose typical request takes the shortest predicted time, within VRAM and RAM. Where nothing fits, the
 * closest configuration, with the verdict `doesNotFit`. Pure; milliseconds over an analytic oracle.
 */
export function solve(request: PlanRequest): Plan {
  const { shape, machine, typical, pins, oracle } = request;
  const found = search(request);
  const { best, oneSequence } =
    found === undefined || pins.sequences !== undefined
      ? { best: found, oneSequence: undefined }
      : secondSequence(request, found);
  const fit = best?.fit ?? closest(request);
  const rates = predictRates(fit.config, shape, machine, typical, { pagedBytes: fit.pagedBytes });
  return {
    config: fit.config,
    totalLayers: shape.totalLayers,
    threads: pins.threads ?? Math.max(1, machine.physicalCores - 1),
    prefillThreads: pins.threads ?? Math.max(1, machine.physicalCores),
    cpuExpertLayers: 0,
    backend: machine.backend,
    use: fit.use,
    vramBudgetBytes: vramLimit(request),
    ramAvailableBytes: machine.ram.availableBytes,
    ...judge(request, fit, rates),
    rates,
    ...nextLayer(request, fit),
    oneSequence,
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

/** Pins that no plan can keep; `judge` says so. */
function conflicts({ pins }: PlanRequest): boolean {
  return pins.kvCacheType !== undefined && pins.kvCacheType !== 'f16' && pins.flashAttention === false;
}

/** What exceeds the limits least. */
function closest(request: PlanRequest): Fit {
  const { pins, shape } = request;
  const contextSize = pins.contextSize ?? Math.min(request.contextWanted, smallestContext);
  const kvCacheType = pins.kvCacheType ?? (pins.flashAttention === false ? 'f16' : 'q4_0');
  const settings: Settings = {
    contextSize,
    batchSize: pins.batchSize ?? Math.min(batchSizes[0] ?? contextSize, contextSize),
    kvCacheType,
    flashAttention: pins.flashAttention ?? true,
    mmap: pins.mmap ?? true,
    sequences: pins.sequences ?? 1,
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
