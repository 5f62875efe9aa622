import type { ChatResult } from '../protocol/engine';

/** The result of a request that was cancelled before its turn. */
export const neverRun: ChatResult = {
  text: '',
  thought: '',
  stopReason: 'cancelled',
  promptTokens: 0,
  reusedTokens: 0,
  outputTokens: 0,
  thoughtTokens: 0,
  prefillMs: 0,
  firstTokenMs: null,
  decodeMs: 0,
  tokensPerSecond: null,
};
