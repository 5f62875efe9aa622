import type { GgufHeader } from '../gguf/model';
import type { GgufValue } from '../gguf/values';

/** How an architecture slides, as llama.cpp v0.5.0 has it in its code (`load_swa_pattern`, src/models). */
interface Sliding {
  /** One of so many blocks sees the whole context; 0: none does. Absent: the file says it of each block. */
  every?: number;
  /** The first of them rather than the last. */
  wholeFirst?: boolean;
  /** Tokens, where the file has no `attention.sliding_window`. */
  window?: number;
  /** Tokens, whatever the file has. */
  fixed?: number;
}

const sliding: Readonly<Record<string, Sliding>> = {
  afmoe: { every: 4 },
  cohere2: { every: 4 },
  cohere2moe: { every: 4, wholeFirst: true },
  dots3note: {},
  exaone4: { every: 4, window: 4096 },
  'exaone-moe': { every: 4, window: 128 },
  gemma2: { every: 2, window: 4096 },
  gemma3: { every: 6 },
  gemma3n: { every: 5 },
  gemma4: {},
  'gpt-oss': { every: 2 },
  granite_swa: {},
  laguna: { every: 4, wholeFirst: true },
  lfm2: { every: 0 },
  lfm2moe: { every: 0 },
  llama4: { every: 4, window: 8192, fixed: 8192 },
  maple: {},
  mellum: { every: 4 },
  mimo2: {},
  'muse-glimmer': { every: 4 },
  olmo2: { every: 4 },
  plamo3: { every: 8 },
  smallthinker: { every: 4, wholeFirst: true, fixed: 4096 },
  spark2_5: {},
  step35: {},
};

/** Tokens that each block's cache keeps; undefined where a block sees the whole context. */
export function slidingWindows({
  architecture,
  blockCount,
  metadata,
}: Pick<GgufHeader, 'architecture' | 'blockCount' | 'metadata'>): (number | undefined)[] {
  const none = Array.from({ length: blockCount }, () => undefined);
  // The others ignore a window that their file names (phi3, say): the whole context.
  const way = architecture === 'exaone4' && blockCount !== 64 ? undefined : sliding[architecture];
  if (way === undefined) return none;
  const named = metadata.get(`${architecture}.attention.sliding_window`);
  const tokens = typeof named === 'number' ? named : (way.window ?? 0);
  if (tokens === 0) return none;
  const pattern = metadata.get(`${architecture}.attention.sliding_window_pattern`);
  return none.map((_, block) => (slides(way, pattern, block) ? (way.fixed ?? tokens) : undefined));
}

/** A pattern is one number, or a flag for each block. */
function slides({ every, wholeFirst }: Sliding, pattern: GgufValue | undefined, block: number): boolean {
  if (typeof pattern === 'object') return pattern.kind === 'array' && Boolean(pattern.values?.[block]);
  const period = every !== undefined && typeof pattern === 'number' ? pattern : every;
  if (period === undefined) return false;
  return period === 0 || block % period !== (wholeFirst ? 0 : period - 1);
}
