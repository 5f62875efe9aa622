import { element, setText } from '../dom';
import type { Ui } from './ui';

/** Whether a value is the person's or the program's, and what it means. */
export class PinHint {
  readonly element: HTMLElement;
  readonly #state = element('span', { class: 'pin' });
  readonly #text = element('span', { class: 'meaning' });

  constructor(
    private readonly ui: Ui,
    id: string,
  ) {
    this.element = element('div', { class: 'hint muted small number', id }, this.#state, ' ', this.#text);
  }

  update(pinned: boolean, solved: boolean, text: string): void {
    const { l10n } = this.ui;
    setText(this.#state, l10n.t(pinned ? 'pin.set' : solved ? 'pin.solved' : 'pin.auto'));
    this.#state.classList.toggle('set', pinned);
    setText(this.#text, text);
  }
}
