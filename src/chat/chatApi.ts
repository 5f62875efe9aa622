/** What other features may ask of the chat. */
import type { CutAt } from '../ask/cutAnswer';
import type { MentionKind } from '../protocol/mentions';

/** A piece of a file that goes along with a message, as it was when attached. */
export interface Attachment {
  id: string;
  /** e.g. "queue.ts:12–48" */
  label: string;
  /** Workspace-relative path; the absolute one outside a workspace. */
  path: string;
  uri: string;
  languageId: string;
  text: string;
  /** 1-based, inclusive; absent: the whole file. */
  lines?: { start: number; end: number };
  /** What it was named as; absent: a file, or with `lines` a selection. */
  kind?: MentionKind;
  /** Tokens that it had before parts were left out; absent: nothing was. */
  wholeTokens?: number;
}

export interface AskRequest {
  /** What the person reads as their message. */
  text: string;
  attachments: Attachment[];
  /** Leaves nothing out of the attachments, however long they take to be read. */
  whole?: boolean;
  /** Told the answer as it grows, each time all that came until then. */
  onText?: (answerSoFar: string) => void;
}

export type AskResult =
  /** `cutAt`: the answer is not whole. */
  | { kind: 'answered'; text: string; cutAt?: CutAt }
  | { kind: 'cancelled'; text: string }
  /** Already shown in the chat. */
  | { kind: 'failed' };

/** Sends a message in the current conversation, reveals the chat view and settles when the answer has ended. */
export interface Asker {
  ask(request: AskRequest): Promise<AskResult>;
}
