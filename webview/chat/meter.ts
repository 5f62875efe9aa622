import type { ContextView } from '../../src/protocol/webview';
import { element, setText } from '../dom';
import type { Ui } from './ui';

/** From this share on the bar warns. */
const nearlyFull = 0.9;

/** How much of the context is used, and by what. */
export class Meter {
  readonly element: HTMLElement;
  readonly #ui: Ui;
  readonly #value = element('span');
  readonly #agents = element('div', { class: 'agents' });
  readonly #rest = element('div', { class: 'used' });
  readonly #bar: HTMLElement;

  constructor(ui: Ui) {
    this.#ui = ui;
    const label = ui.l10n.t('meter.label');
    this.#bar = element(
      'div',
      { class: 'bar', label, attributes: { role: 'meter', 'aria-valuemin': '0' } },
      this.#agents,
      this.#rest,
    );
    this.element = element(
      'div',
      { class: 'meter muted small number' },
      element('span', { text: label, attributes: { 'aria-hidden': 'true' } }),
      this.#bar,
      this.#value,
    );
    this.element.hidden = true;
  }

  update(context: ContextView | undefined): void {
    this.element.hidden = context === undefined;
    if (context === undefined) return;
    const { l10n } = this.#ui;
    const { usedTokens: used, totalTokens: total, agentsTokens: agents } = context;
    const text = l10n.t('meter.value', { used, total });
    setText(this.#value, text);
    const title = [
      l10n.t('meter.title', { used, total }),
      ...(agents > 0 ? [l10n.t('meter.agents', { tokens: agents })] : []),
    ].join(' ');
    this.element.title = title;
    this.#bar.setAttribute('aria-valuemax', String(total));
    this.#bar.setAttribute('aria-valuenow', String(Math.min(used, total)));
    this.#bar.setAttribute('aria-valuetext', title);
    const share = Math.min(1, used / total);
    const agentsShare = Math.min(share, agents / total);
    this.#agents.style.inlineSize = `${agentsShare * 100}%`;
    this.#rest.style.inlineSize = `${(share - agentsShare) * 100}%`;
    this.element.classList.toggle('full', share >= nearlyFull);
  }
}
