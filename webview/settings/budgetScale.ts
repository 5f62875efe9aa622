import type { Limits } from './limits';

/** GiB that a key or a pixel moves the budget by, at the least. */
export const budgetStep = 0.1;

/** A budget as it is set: within its limits, in whole steps. GiB. */
export function roundBudget(gib: number, { min, max }: Limits): number {
  // Tenths as text: 115 × 0.1 is no 11.5.
  return Number(Math.min(max, Math.max(min, Math.round(gib / budgetStep) * budgetStep)).toFixed(1));
}

/** What the budget may be moved to on a bar: all of the card's memory, in whole steps. GiB. */
export function budgetLimits(totalGib: number): Limits {
  return { min: 0, max: Math.floor(totalGib * 10) / 10 };
}

/**
 * Where a key of a slider moves the budget to; undefined for any other key. GiB.
 * @param towardsEnd the arrow that points to where the bar ends: left in a right-to-left page
 */
export function budgetAfterKey(
  key: string,
  gib: number,
  limits: Limits,
  towardsEnd: 'ArrowRight' | 'ArrowLeft',
): number | undefined {
  const towardsStart = towardsEnd === 'ArrowRight' ? 'ArrowLeft' : 'ArrowRight';
  switch (key) {
    case towardsEnd:
    case 'ArrowUp':
      return roundBudget(gib + budgetStep, limits);
    case towardsStart:
    case 'ArrowDown':
      return roundBudget(gib - budgetStep, limits);
    case 'PageUp':
      return roundBudget(gib + 1, limits);
    case 'PageDown':
      return roundBudget(gib - 1, limits);
    case 'Home':
      return limits.min;
    case 'End':
      return limits.max;
    default:
      return undefined;
  }
}
