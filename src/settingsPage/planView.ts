import type { Machine } from '../plan/machine';
import type { CategoryBytes } from '../plan/memory';
import type { Plan } from '../plan/plan';
import type { QuantAdvice } from '../plan/quantAdvice';
import { describeReason } from '../plan/words';
import type { ModelFileView, PlanPlaceView, PlanView, QuantPlanView } from '../protocol/webview';
import type { Translate } from '../translate';

export interface PlanExtras {
  /** Whether llama.cpp simulated this very plan. */
  simulated: boolean;
  advice: string[];
  /** tok/s of the last answers under this plan. */
  measuredDecode: number | undefined;
}

/** A plan as the page shows it. */
export function viewOfPlan(plan: Plan, machine: Machine, extras: PlanExtras, t: Translate): PlanView {
  const { config, use, rates, nextLayerBytes } = plan;
  const { gpu, ram } = machine;
  return {
    gpuLayers: config.gpuLayers,
    totalLayers: plan.totalLayers,
    contextSize: config.contextSize,
    batchSize: config.batchSize,
    kvCacheType: config.kvCacheType,
    flashAttention: config.flashAttention,
    mmap: config.mmap,
    threads: plan.threads,
    verdict: plan.verdict,
    reason: describeReason(plan.reason, t),
    vram: gpu && {
      ...placeOf(use.vram, gpu.totalBytes, gpu.freeBytes),
      name: gpu.name,
      budgetBytes: plan.vramBudgetBytes,
    },
    ram: placeOf(use.ram, ram.totalBytes, ram.availableBytes),
    decode: rates.decode,
    prefill: rates.prefill,
    requestSeconds: rates.requestSeconds,
    nextLayer:
      nextLayerBytes === undefined
        ? undefined
        : { bytes: nextLayerBytes, overBytes: plan.nextLayerOverBytes ?? 0 },
    calibrated: machine.rates.source === 'measured',
    ...extras,
  };
}

function placeOf(bytes: CategoryBytes, total: number, free: number): PlanPlaceView {
  return { totalBytes: total, bytes, otherBytes: Math.max(0, total - free) };
}

/** What each file would do, by its level's row. */
export function viewOfQuants(
  { rows, recommended }: QuantAdvice,
  files: readonly ModelFileView[],
  qualityOf: (quant: string) => number | undefined,
): QuantPlanView[] {
  return files.flatMap(({ path, quant }) => {
    const row = rows.find(({ name }) => name === quant);
    if (!row) return [];
    const cost = qualityOf(quant);
    return {
      path,
      gpuLayers: row.gpuLayers,
      decode: row.decode,
      fits: row.verdict !== 'doesNotFit',
      qualityCost: cost === undefined ? undefined : `+${cost.toFixed(1)} %`,
      suggested: recommended?.name === quant,
    };
  });
}
