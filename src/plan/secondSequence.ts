import { quickest, type Candidate } from './candidates';
import type { OneSequenceReason, PlanRequest } from './plan';
import { judge } from './verdict';

/**
 * Share of a typical request's time that a second sequence may cost. With one, a short request waits until the
 * conversation's state is on disk, and that until it is back: about a second for 1 GiB, so that more is not worth it.
 */
const mostSlowdown = 0.02;

/**
 * Two sequences where the second costs little, else one and why: memory that is short serves one conversation first.
 * Never a smaller context or another type of cache for it.
 * @param one the best plan with a single sequence
 */
export function secondSequence(
  request: PlanRequest,
  one: Candidate,
): { best: Candidate; oneSequence: OneSequenceReason | undefined } {
  const { contextSize, kvCacheType, flashAttention, gpuLayers } = one.fit.config;
  const pins = { ...request.pins, flashAttention, sequences: 2 };
  const fitsWell = ({ fit, rates }: Candidate) => judge(request, fit, rates).verdict === 'fits';
  const two = fitsWell(one) ? quickest({ ...request, pins }, contextSize, [kvCacheType]) : undefined;
  if (two === undefined || !fitsWell(two)) {
    const { vram, ram } = one.fit.use;
    return { best: one, oneSequence: { kind: 'memory', bytes: vram.kv + ram.kv } };
  }
  const slowdown = two.rates.requestSeconds / one.rates.requestSeconds - 1;
  if (slowdown <= mostSlowdown) return { best: two, oneSequence: undefined };
  const layers = gpuLayers - two.fit.config.gpuLayers;
  return {
    best: one,
    oneSequence: layers > 0 ? { kind: 'layers', layers } : { kind: 'time', slowdown },
  };
}
