import type { FailureContext, FailureWords } from '../failureWords';
import type { EngineFailure } from '../protocol/engine';

/** The chat's sentences, handed in so that its logic runs without the editor. */
export interface ChatWords {
  /** Title of a conversation without messages. */
  newConversation: string;
  /** Status of an answer that the end of the editor cut off. */
  interrupted: string;
  /** Tokens of the message with all that must go along, and of the context left for it. */
  tooLong(needed: number, available: number): string;
  /** A failure that has no words of its own. */
  unexpected(detail: string): string;
  /** What replaced nothing: the attempt failed and the old messages are back. */
  broughtBack(failure: string): string;
  damagedFile(name: string): string;
  unreadableFile(name: string, cause: string): string;
  newerFile(name: string): string;
  saveFailed(title: string, cause: string): string;
  /** Only the first `kibibytes` of AGENTS.md are sent. */
  agentsTruncated(kibibytes: number): string;
  /** Title and seconds of an answer that ended while nobody looked. */
  answered(title: string, seconds: number): string;
  export: ExportWords;
}

export interface ExportWords {
  you: string;
  assistant: string;
  thought: string;
  stopped: string;
  stats(tokens: number, tokensPerSecond: number | null, firstTokenSeconds: number | null): string;
}

/** A failure of the engine in words, with the one thing to do about it. */
export type DescribeFailure = (failure: EngineFailure, context?: FailureContext) => FailureWords;
