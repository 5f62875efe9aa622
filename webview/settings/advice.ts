import { element } from '../dom';
import type { Ui } from './ui';

/** Sentences about what would help, best first. */
export class Advice {
  readonly element: HTMLElement;
  readonly #list = element('ul', { class: 'advice number' });
  #shown = '';

  constructor(ui: Ui) {
    this.element = element(
      'section',
      { class: 'help' },
      element('h2', { text: ui.l10n.t('advice.title') }),
      this.#list,
    );
  }

  update(advice: readonly string[]): void {
    this.element.hidden = advice.length === 0;
    const now = advice.join('\n');
    if (now === this.#shown) return;
    this.#shown = now;
    this.#list.replaceChildren(...advice.map((text) => element('li', { text, attributes: { dir: 'auto' } })));
  }
}
