import type { FindingView } from '../../src/protocol/doctor';
import { button } from '../components';
import { element } from '../dom';
import type { Ui } from './ui';

/** What would help, best first, each with what does it. */
export class Findings {
  readonly element: HTMLElement;
  readonly #list = element('ol', { class: 'findings-list' });
  readonly #title: HTMLElement;
  readonly #none: HTMLElement;
  #shown = '';

  constructor(private readonly ui: Ui) {
    const { l10n } = ui;
    this.#title = element('h2', { text: l10n.t('findings.title'), attributes: { tabindex: '-1' } });
    this.#none = element('p', { text: l10n.t('findings.none') });
    this.element = element('section', { class: 'findings' }, this.#title, this.#list, this.#none);
  }

  update(findings: readonly FindingView[] | undefined): void {
    this.element.hidden = findings === undefined;
    this.#none.hidden = findings?.length !== 0;
    this.#list.hidden = findings?.length === 0;
    const now = JSON.stringify(findings);
    if (now === this.#shown) return;
    this.#shown = now;
    this.#list.replaceChildren(...(findings ?? []).map((finding) => this.#item(finding)));
  }

  /** Brings them into view, and the keyboard with it. */
  show(): void {
    this.#title.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: 'start' });
  }

  #item({ text, action }: FindingView): HTMLElement {
    const { l10n, post } = this.ui;
    return element(
      'li',
      {},
      element('p', { text, attributes: { dir: 'auto' } }),
      action &&
        button(
          { label: l10n.t(`action.${action}`), onClick: () => post({ kind: 'act', action }) },
          l10n.t(`action.${action}`),
        ),
    );
  }
}
