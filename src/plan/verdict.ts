import { fits, tensorLimit, vramLimit, type Fit } from './fit';
import type { Plan, PlanRates, PlanRequest, VerdictReason } from './plan';

const gibibyte = 2 ** 30;

/** RAM below which other programs soon push the weights out: 1 GiB, or a twentieth of it all. */
function littleRam(totalBytes: number): number {
  return Math.max(gibibyte, totalBytes / 20);
}

/** VRAM that a wholly offloaded model should leave of its budget: a fiftieth. A split one fills it on purpose. */
function littleVram(budgetBytes: number): number {
  return budgetBytes / 50;
}

/** Verdict and reason of a configuration, the gravest first. */
export function judge(request: PlanRequest, fit: Fit, rates: PlanRates): Pick<Plan, 'verdict' | 'reason'> {
  const conflict = conflictOf(request);
  if (conflict !== undefined) return { verdict: 'doesNotFit', reason: conflict };
  if (!fits(fit)) return { verdict: 'doesNotFit', reason: excessOf(request, fit) };
  if (fit.pagedBytes > 0) {
    const secondsPerToken = 1 / rates.decode;
    return {
      verdict: 'pagesFromDisk',
      reason: { kind: 'weightsOverRam', overBytes: fit.pagedBytes, secondsPerToken },
    };
  }
  const tight = tightnessOf(request, fit);
  return tight === undefined
    ? { verdict: 'fits', reason: placeOf(request, fit) }
    : { verdict: 'tight', reason: tight };
}

function conflictOf({ pins }: PlanRequest): VerdictReason | undefined {
  const { kvCacheType, flashAttention } = pins;
  if (kvCacheType !== undefined && kvCacheType !== 'f16' && flashAttention === false) {
    return { kind: 'cacheNeedsFlashAttention', kvCacheType };
  }
  return undefined;
}

function excessOf(request: PlanRequest, fit: Fit): VerdictReason {
  if (fit.overTensorBytes > 0) {
    const limitBytes = tensorLimit(request);
    return { kind: 'cacheTensorTooLarge', tensorBytes: limitBytes + fit.overTensorBytes, limitBytes };
  }
  return fit.overVramBytes > 0
    ? { kind: 'overBudget', neededBytes: fit.vramBytes, budgetBytes: vramLimit(request) }
    : {
        kind: 'overRam',
        neededBytes: fit.heldRamBytes,
        availableBytes: request.machine.ram.availableBytes,
      };
}

function tightnessOf(request: PlanRequest, fit: Fit): VerdictReason | undefined {
  const { contextSize } = fit.config;
  const wanted = request.pins.contextSize ?? request.contextWanted;
  if (contextSize < wanted) return { kind: 'contextReduced', contextSize, wanted };
  const { availableBytes, totalBytes } = request.machine.ram;
  const ramLeftBytes = availableBytes - fit.ramBytes;
  if (ramLeftBytes < littleRam(totalBytes)) return { kind: 'littleRamLeft', ramLeftBytes };
  const limit = vramLimit(request);
  const vramLeftBytes = limit - fit.vramBytes;
  const whole = request.machine.gpu !== undefined && fit.config.gpuLayers >= request.shape.totalLayers;
  return whole && vramLeftBytes < littleVram(limit) ? { kind: 'littleVramLeft', vramLeftBytes } : undefined;
}

function placeOf(request: PlanRequest, fit: Fit): VerdictReason {
  const { gpuLayers } = fit.config;
  const { totalLayers } = request.shape;
  if (request.machine.gpu === undefined) {
    const wanted = request.pins.gpuLayers ?? 0;
    return wanted > 0
      ? { kind: 'layersWithoutGpu', gpuLayers: wanted, ramBytes: fit.ramBytes }
      : { kind: 'cpuOnly', ramBytes: fit.ramBytes, why: 'noGpu' };
  }
  if (gpuLayers === 0) {
    const why = request.pins.gpuLayers === undefined ? 'budget' : 'pinned';
    return { kind: 'cpuOnly', ramBytes: fit.ramBytes, why };
  }
  return gpuLayers >= totalLayers
    ? { kind: 'whollyOnGpu', vramLeftBytes: vramLimit(request) - fit.vramBytes }
    : { kind: 'partlyOnGpu', gpuLayers, totalLayers, ramBytes: fit.ramBytes };
}
