import type { CompleteResult } from './engine';

/** The result of a ghost text that was cancelled before its turn, or of which nothing more was heard. */
export const cancelledCompletion: CompleteResult = {
  ...{ text: '', stopReason: 'cancelled', modelPath: '', promptTokens: 0, reusedTokens: 0, readTokens: 0 },
  ...{ outputTokens: 0, prefillMs: 0, decodeMs: 0 },
};
