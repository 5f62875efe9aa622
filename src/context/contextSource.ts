import type { Attachment } from '../chat/chatApi';
import type { MentionKind } from '../protocol/mentions';
import type { MentionOffer } from './contextSources';

/** One kind of context. */
export interface ContextSource {
  readonly kind: MentionKind;
  /** What there is, the best first; nothing where there is nothing to have. */
  offers(target: string, signal: AbortSignal): Promise<MentionOffer[]>;
  /** Rejects with `UserError` in words where it cannot be had, with `CancelledError` where the person said no. */
  attach(target: string): Promise<Attachment>;
}
