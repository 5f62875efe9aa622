/** A name that was typed in part, against what there is. */

/**
 * How well `typed` fits `path`; undefined: not at all. Letters have to come in their order; the file's own name, the
 * beginnings of its words, and letters side by side count more.
 */
export function fitOf(typed: string, path: string): number | undefined {
  if (typed === '') return 0;
  const wanted = typed.toLowerCase();
  const lower = path.toLowerCase();
  const nameAt = path.lastIndexOf('/') + 1;
  const whole = lower.lastIndexOf(wanted);
  if (whole >= 0) {
    const inName = whole >= nameAt;
    const atStart = whole === nameAt || isWordStart(path, whole);
    return 1000 + (inName ? 200 : 0) + (atStart ? 100 : 0) + (whole === nameAt ? 100 : 0) - path.length / 10;
  }
  // The name alone first: letters scattered over folders mean little.
  const inName = scattered(wanted, path, nameAt);
  if (inName !== undefined) return 300 + inName - path.length / 10;
  const anywhere = scattered(wanted, path, 0);
  return anywhere === undefined ? undefined : anywhere - path.length / 10;
}

/** Those that fit, the best first; of equals, the earlier one. */
export function bestFits<T>(
  typed: string,
  all: readonly T[],
  pathOf: (each: T) => string,
  limit: number,
): T[] {
  return all
    .map((each, index) => ({ each, index, fit: fitOf(typed, pathOf(each)) }))
    .filter((entry): entry is typeof entry & { fit: number } => entry.fit !== undefined)
    .sort((a, b) => (typed === '' ? 0 : b.fit - a.fit) || a.index - b.index)
    .slice(0, limit)
    .map(({ each }) => each);
}

function scattered(wanted: string, path: string, from: number): number | undefined {
  const lower = path.toLowerCase();
  let score = 0;
  let last = from - 1;
  for (const letter of wanted) {
    const at = lower.indexOf(letter, last + 1);
    if (at < 0) return undefined;
    if (at === last + 1) score += 10;
    if (isWordStart(path, at)) score += 8;
    last = at;
  }
  return score;
}

function isWordStart(text: string, at: number): boolean {
  const before = text[at - 1];
  const here = text[at] ?? '';
  if (before === undefined || /[^\p{L}\p{N}]/u.test(before)) return true;
  return /\p{Lu}/u.test(here) && !/\p{Lu}/u.test(before);
}
