import type { LoadOptions } from './engine';

/** Whether two loads would give the same model: the second one need not be made. */
export function sameOptions(one: LoadOptions, other: LoadOptions): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof LoadOptions>;
  return [...keys].every((key) => one[key] === other[key]);
}
