/** Share of the context that is in use at most after old turns have left, so that not every turn pays. */
const keepShare = 0.6;
/** Share of the context that an answer may claim before it is known how long it gets. */
const answerShare = 0.25;

/** Tokens of one prompt, as the model's template renders it. */
export interface PromptSize {
  /** Tokens of what comes before the first turn. */
  prefix: number;
  /** Tokens of each turn, oldest first; the last is the message to answer. */
  turns: readonly number[];
  contextSize: number;
  /** The longest answer the person allows, in tokens. */
  maxTokens: number;
}

export type MemoryPlan =
  | { kind: 'fits' }
  /** The oldest `count` turns leave together. */
  | { kind: 'drop'; count: number }
  /** Not even the last turn alone has room. Tokens. */
  | { kind: 'refused'; needed: number; available: number };

/** Tokens of the context that are kept free for the answer. */
export function answerRoom(contextSize: number, maxTokens: number): number {
  return Math.min(maxTokens, Math.floor(contextSize * answerShare));
}

/**
 * Decides which turns the model still sees, before anything is evaluated.
 * @param trimming true once turns have left for this prompt: what is left must then come down to 60 %
 */
export function planMemory(size: PromptSize, trimming = false): MemoryPlan {
  const available = size.contextSize - answerRoom(size.contextSize, size.maxTokens);
  const afterwards = Math.min(Math.floor(size.contextSize * keepShare), available);
  let total = size.turns.reduce((sum, tokens) => sum + tokens, size.prefix);
  if (total <= (trimming ? afterwards : available)) return { kind: 'fits' };
  const last = size.turns.length - 1;
  let count = 0;
  while (count < last && total > afterwards) total -= size.turns[count++] ?? 0;
  if (total > available) return { kind: 'refused', needed: total, available };
  return count === 0 ? { kind: 'fits' } : { kind: 'drop', count };
}
