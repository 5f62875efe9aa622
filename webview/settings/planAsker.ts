import type { LoadForm } from '../../src/protocol/webview';

/** Asks for the plan of what is edited: once for each form, and at most once a frame. */
export class PlanAsker {
  #asked = '';
  #next: LoadForm | undefined;

  /** `schedule`: calls back before the next frame. */
  constructor(
    private readonly ask: (form: LoadForm) => void,
    private readonly schedule: (callback: () => void) => void,
  ) {}

  /** The form that the extension plans for by itself. */
  know(form: LoadForm): void {
    this.#asked = JSON.stringify(form);
  }

  want(form: LoadForm): void {
    const scheduled = this.#next !== undefined;
    this.#next = form;
    if (!scheduled) this.schedule(() => this.#send());
  }

  #send(): void {
    const form = this.#next;
    this.#next = undefined;
    if (!form) return;
    const now = JSON.stringify(form);
    if (now === this.#asked) return;
    this.#asked = now;
    this.ask(form);
  }
}
