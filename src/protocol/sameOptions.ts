import type { LoadOptions } from './engine';

/** Whether two loads would give the same models: the second one need not be made. */
export function sameOptions(one: LoadOptions, other: LoadOptions): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof LoadOptions>;
  return [...keys].every((key) => sameValue(one[key], other[key]));
}

function sameValue(one: LoadOptions[keyof LoadOptions], other: LoadOptions[keyof LoadOptions]): boolean {
  return typeof one === 'object' && typeof other === 'object' && one !== null && other !== null
    ? sameOptions(one, other)
    : one === other;
}
