import type { Attachment } from '../chat/chatApi';
import type { MentionKind } from '../protocol/mentions';

/** One line of a completion. */
export interface MentionOffer {
  /** What replaces the text that was typed, e.g. "@file:src/queue.ts". One that ends in ":" goes on to names. */
  insert: string;
  label: string;
  detail: string;
  kind: MentionKind;
}

export interface ResolvedMentions {
  /** What the person wrote, with a bare name where a mention stood. */
  text: string;
  attachments: Attachment[];
  /** What cannot be had, each in a sentence that is ready to show. */
  problems: string[];
}

/** What a person can name as context. Loads no model. */
export interface ContextSources {
  /** @param typed what was typed so far, from its "@" on */
  offers(typed: string, signal: AbortSignal): Promise<MentionOffer[]>;
  /**
   * Mentions in a text become attachments. What git ignores, and what may hold secrets, is asked about first.
   * Attachments come in the order in which prompts hold them (`inStableOrder`).
   */
  resolve(text: string): Promise<ResolvedMentions>;
}
