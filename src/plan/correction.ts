import type { PlanConfig } from '../protocol/engine';
import type { PlanRates, TypicalRequest } from './plan';

/** Measured rate by predicted one, of the last answers, the newest last. Plain data, to be kept. */
export interface Correction {
  readonly decode: readonly number[];
  readonly prefill: readonly number[];
  /** tok/s of the last answer and its prompt, as measured. */
  readonly lastDecode?: number | undefined;
  readonly lastPrefill?: number | undefined;
}
/** By `correctionKey`. */
export type Corrections = Readonly<Record<string, Correction>>;

/** tok/s of one answer, predicted for its own lengths and measured; undefined where it is too short to tell. */
export interface AnswerRates {
  decode?: { predicted: number; measured: number } | undefined;
  prefill?: { predicted: number; measured: number } | undefined;
}

const kept = 8;
/** Weight of a ratio beside the next newer one. */
const fading = 0.7;

/** @param fileKey identity of the model's file; without spaces */
export function correctionKey(fileKey: string, config: PlanConfig): string {
  const { gpuLayers, contextSize, batchSize, kvCacheType, flashAttention, mmap, sequences } = config;
  const decided = [gpuLayers, contextSize, batchSize, kvCacheType, flashAttention, mmap, sequences];
  return `${fileKey} ${decided.join('/')}`;
}

/** Takes an answer in. Pure: the changed record is returned. */
export function learnAnswer(
  corrections: Corrections,
  fileKey: string,
  config: PlanConfig,
  answer: AnswerRates,
): Corrections {
  const key = correctionKey(fileKey, config);
  const before: Correction = corrections[key] ?? { decode: [], prefill: [] };
  const add = (ratios: readonly number[], rates: AnswerRates['decode']) => {
    const ratio = rates === undefined ? NaN : rates.measured / rates.predicted;
    return Number.isFinite(ratio) && ratio > 0 ? [...ratios, ratio].slice(-kept) : ratios;
  };
  return {
    ...corrections,
    [key]: {
      decode: add(before.decode, answer.decode),
      prefill: add(before.prefill, answer.prefill),
      // 0 is no rate: nothing was measured.
      lastDecode: answer.decode?.measured || before.lastDecode,
      lastPrefill: answer.prefill?.measured || before.lastPrefill,
    },
  };
}

/** tok/s, measured; undefined where no answer was long enough. */
export interface MeasuredRates {
  decode: number | undefined;
  prefill: number | undefined;
}

/** Of the last answer under this very configuration. */
export function lastRates(corrections: Corrections, fileKey: string, config: PlanConfig): MeasuredRates {
  const last = corrections[correctionKey(fileKey, config)];
  return { decode: last?.lastDecode, prefill: last?.lastPrefill };
}

/**
 * Factors for predicted rates: of this configuration where it has answered, else of the file's others, else 1.
 */
export function correctionFactors(
  corrections: Corrections,
  fileKey: string,
  config: PlanConfig,
): { decode: number; prefill: number } {
  const own = corrections[correctionKey(fileKey, config)];
  const others = Object.keys(corrections)
    .filter((key) => key.startsWith(`${fileKey} `))
    .map((key) => corrections[key]);
  const factor = (kind: 'decode' | 'prefill') =>
    newestMedian(own?.[kind] ?? []) ??
    newestMedian(others.flatMap((other) => newestMedian(other?.[kind] ?? []) ?? [])) ??
    1;
  return { decode: factor('decode'), prefill: factor('prefill') };
}

/** Rates as they are after what was measured. */
export function correctRates(
  rates: PlanRates,
  factors: { decode: number; prefill: number },
  typical: TypicalRequest,
  contextSize: number,
): PlanRates {
  const prefillSeconds = Math.max(1, Math.min(typical.promptTokens, contextSize)) / rates.prefill;
  const decodeSeconds = rates.requestSeconds - prefillSeconds;
  return {
    prefill: rates.prefill * factors.prefill,
    decode: rates.decode * factors.decode,
    prefillFull: rates.prefillFull * factors.prefill,
    decodeFull: rates.decodeFull * factors.decode,
    requestSeconds: prefillSeconds / factors.prefill + decodeSeconds / factors.decode,
  };
}

/**
 * Median by weight, newer ones weighing more: one answer beside a busy neighbour, or the first after a load, must
 * not pull three others away.
 */
function newestMedian(ratios: readonly number[]): number | undefined {
  const weighted = ratios
    .map((ratio, index) => ({ ratio, weight: fading ** (ratios.length - 1 - index) }))
    .sort((a, b) => a.ratio - b.ratio);
  const half = weighted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let sum = 0;
  return weighted.find(({ weight }) => (sum += weight) >= half)?.ratio;
}
