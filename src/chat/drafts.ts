import { inStableOrder } from '../context/stableOrder';
import type { Attachment } from './chatApi';

/** The chips of the message that is being written. */
export class Drafts {
  #list: Attachment[] = [];
  /** Whether this message's chips are sent whole, whatever the budget. */
  whole = false;

  get list(): readonly Attachment[] {
    return this.#list;
  }

  /** Adds a chip; one of the same lines is replaced, at its place. */
  attach(attachment: Attachment): void {
    const place = ({ uri, lines }: Attachment): string => JSON.stringify([uri, lines]);
    const at = this.#list.findIndex((draft) => place(draft) === place(attachment));
    this.#list = inStableOrder(at < 0 ? [...this.#list, attachment] : this.#list.with(at, attachment));
  }

  remove(id: string): void {
    this.#list = this.#list.filter((draft) => draft.id !== id);
  }

  /** All of them, for the message that is sent now. */
  take(): { attachments: Attachment[]; whole: boolean } {
    const taken = { attachments: this.#list, whole: this.whole };
    this.#list = [];
    this.whole = false;
    return taken;
  }
}
