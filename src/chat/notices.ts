import type { ChatSnapshot } from '../protocol/webview';

type Notice = ChatSnapshot['notices'][number];

/** What is shown above the conversation until it is dismissed. */
export class Notices {
  readonly #newId: () => string;
  readonly #onChange: () => void;
  readonly #saidOnce = new Set<string>();
  #notices: Notice[] = [];

  constructor(newId: () => string, onChange: () => void) {
    this.#newId = newId;
    this.#onChange = onChange;
  }

  /** Shows a text, unless it is shown already. */
  add(text: string): void {
    if (this.#notices.some((notice) => notice.text === text)) return;
    this.#notices = [...this.#notices, { id: this.#newId(), text }];
    this.#onChange();
  }

  /** Shows a text that need not be said again once it was dismissed. */
  addOnce(text: string): void {
    if (this.#saidOnce.has(text)) return;
    this.#saidOnce.add(text);
    this.add(text);
  }

  dismiss(id: string): void {
    this.#notices = this.#notices.filter((notice) => notice.id !== id);
    this.#onChange();
  }

  list(): Notice[] {
    return this.#notices;
  }
}
