import type { Machine } from '../plan/machine';
import type { CategoryBytes } from '../plan/memory';
import type { Plan } from '../plan/plan';
import {
  describeQuantReason,
  recommendQuant,
  type QuantAdvice,
  type QuantChoice,
  type QuantRow,
} from '../plan/quantAdvice';
import { mmluTableFor, perplexityTable } from '../plan/quantQuality';
import type { ModelShape } from '../plan/shape';
import { describeReason } from '../plan/words';
import type { PlanPlaceView, PlanView, QuantAdviceView } from '../protocol/webview';
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
    sequences: config.sequences,
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
    oneSequence: plan.oneSequence,
    calibrated: machine.rates.source === 'measured',
    ...extras,
  };
}

function placeOf(bytes: CategoryBytes, total: number, free: number): PlanPlaceView {
  return { totalBytes: total, bytes, otherBytes: Math.max(0, total - free) };
}

/** A level that could be had: a file at hand, or what llama.cpp would make of one. */
export interface OfferedLevel {
  name: string;
  shape: ModelShape;
  path: string | undefined;
  sizeBytes: number;
}

/** What each level would do, and which to take. */
export function viewOfQuants(
  { rows, recommended }: QuantAdvice<OfferedLevel>,
  parameters: number,
  t: Translate,
): QuantAdviceView {
  const { model, source } = mmluTableFor(parameters);
  return {
    rows: rows.toReversed().map((row) => ({
      level: row.name,
      path: row.level.path,
      sizeBytes: row.level.sizeBytes,
      gpuLayers: row.gpuLayers,
      decode: row.decode,
      fits: row.verdict !== 'doesNotFit',
      perplexityIncrease: row.perplexityIncrease,
      mmlu: row.mmlu,
      suggested: row.level === recommended?.level,
    })),
    recommendation: recommended && describeRecommendation(recommended, rows, parameters, t),
    perplexity: { model: perplexityTable.model, source: perplexityTable.source },
    mmlu: { model, source },
  };
}

function describeRecommendation(
  recommended: QuantChoice<OfferedLevel>,
  rows: readonly QuantRow<OfferedLevel>[],
  parameters: number,
  t: Translate,
): string {
  const reason = describeQuantReason(recommended, t);
  if (recommended.level.path !== undefined) return reason;
  const atHand = rows.filter(({ level }) => level.path !== undefined);
  const best = recommendQuant(atHand, parameters);
  return best === undefined
    ? t('{0} It is not on this machine, and no level that is fits.', reason)
    : t('{0} It is not on this machine; of the levels that are, {1} suits best.', reason, best.level.name);
}
