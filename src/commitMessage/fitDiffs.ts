import type { FileDiff } from './stagedDiff';

/** A diff and what it costs. */
export interface CountedDiff extends Omit<FileDiff, 'paths'> {
  tokens: number;
}

export interface FittedDiffs {
  text: string;
  /** Paths whose diffs were cut. */
  cut: string[];
}

/**
 * Diffs within a budget, estimated by each one's own characters a token: the largest are cut, at the ends of lines and
 * all to the same size, so that small changes stay whole.
 * @param budget tokens
 */
export function fitDiffs(diffs: readonly CountedDiff[], budget: number): FittedDiffs {
  const most = sharedLimit(
    diffs.map(({ tokens }) => tokens),
    budget,
  );
  const cut: string[] = [];
  const texts = diffs.map(({ path, text, tokens }) => {
    if (tokens <= most) return text;
    cut.push(path);
    return shortened(text, Math.floor((text.length * most) / tokens));
  });
  return { text: texts.join('\n'), cut };
}

/** The size above which sizes must be cut for their sum to be within a budget; Infinity: none. */
function sharedLimit(sizes: readonly number[], budget: number): number {
  let left = budget;
  const ascending = [...sizes].sort((a, b) => a - b);
  for (const [index, size] of ascending.entries()) {
    const share = left / (ascending.length - index);
    if (size > share) return share;
    left -= size;
  }
  return Infinity;
}

/** The first whole lines of a text, and how many are missing. The line that names the file stays in any case. */
function shortened(text: string, characters: number): string {
  const lines = text.split('\n');
  let length = 0;
  let kept = 0;
  while (kept < lines.length && length + (lines[kept]?.length ?? 0) < characters) {
    length += (lines[kept]?.length ?? 0) + 1;
    kept++;
  }
  kept = Math.max(1, kept);
  return [...lines.slice(0, kept), `[${lines.length - kept} more lines]`].join('\n');
}
