import { element, quietButton, setText } from '../dom';
import type { Ui } from './ui';

/** The top line: which conversation, and the ways to others. */
export class Header {
  readonly element: HTMLElement;
  readonly historyButton: HTMLButtonElement;
  readonly #ui: Ui;
  readonly #title = element('h2', { class: 'title name', attributes: { dir: 'auto' } });

  constructor(ui: Ui, onHistory: () => void, onNew: () => void) {
    this.#ui = ui;
    const { l10n } = ui;
    this.historyButton = quietButton({
      text: l10n.t('header.history'),
      attributes: { 'aria-expanded': 'false' },
      onClick: onHistory,
    });
    this.element = element(
      'header',
      { class: 'header' },
      this.#title,
      this.historyButton,
      quietButton({ text: l10n.t('header.new'), title: l10n.t('header.newTitle'), onClick: onNew }),
    );
  }

  update(title: string, historyOpen: boolean): void {
    const { l10n } = this.#ui;
    const shown = historyOpen ? l10n.t('history.title') : title || l10n.t('header.untitled');
    setText(this.#title, shown);
    this.#title.title = shown;
    setText(this.historyButton, l10n.t(historyOpen ? 'history.back' : 'header.history'));
    this.historyButton.setAttribute('aria-expanded', String(historyOpen));
  }
}
