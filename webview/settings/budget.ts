import { element, setText } from '../dom';
import { budgetAfterKey, budgetLimits, budgetStep, roundBudget } from './budgetScale';
import { generalLimits, type Limits } from './limits';
import { NumberBox } from './numberBox';
import { gib, type Ui } from './ui';

export interface BudgetState {
  /** GiB; null: automatic. NaN: what is typed is no number. */
  value: number | null;
  /** What an automatic one comes to, bytes. */
  effectiveBytes: number;
  totalBytes: number;
  /** What the whole bar stands for, bytes. */
  scaleBytes: number;
  invalid: boolean;
  disabled: boolean;
}

/** How much VRAM may be used: a mark on its bar, and the same as a number beside it. */
export class Budget {
  readonly mark: HTMLElement;
  readonly controls: HTMLElement;
  readonly #state = element('span', { class: 'pin small muted', id: 'vramBudget-hint' });
  readonly #box: NumberBox;
  #limits: Limits = { min: 0, max: 0 };
  #shown = 0;
  #scale = 1;
  #disabled = false;
  /** From the mark's line to where it was taken hold of, px. */
  #grip = 0;

  constructor(private readonly ui: Ui) {
    const { l10n } = ui;
    this.#box = new NumberBox(ui, 'vramBudget', { step: budgetStep, describedBy: 'vramBudget-hint' });
    this.mark = element('div', {
      class: 'mark',
      label: l10n.t('name.vramBudget'),
      attributes: { role: 'slider', tabindex: '0', 'aria-orientation': 'horizontal' },
    });
    this.mark.addEventListener('keydown', (event) => this.#pressed(event));
    this.mark.addEventListener('pointerdown', (event) => this.#grabbed(event));
    this.mark.addEventListener('pointermove', (event) => {
      if (this.mark.hasPointerCapture(event.pointerId)) this.#draggedTo(event.clientX - this.#grip);
    });
    this.controls = element(
      'div',
      { class: 'budget' },
      element('label', { text: l10n.t('budget.label'), attributes: { for: 'vramBudget' } }),
      this.#state,
      this.#box.box,
      element('span', { class: 'muted', text: 'GiB' }),
      this.#box.auto,
    );
  }

  update({ value, effectiveBytes, totalBytes, scaleBytes, invalid, disabled }: BudgetState): void {
    const { l10n } = this.ui;
    this.#limits = budgetLimits(totalBytes / gib);
    this.#scale = scaleBytes / gib;
    this.#disabled = disabled;
    const effective = Math.floor((effectiveBytes / gib) * 10) / 10;
    // What is typed may exceed the card; the mark stays on its bar.
    const wanted = value === null || Number.isNaN(value) ? effective : value;
    this.#shown = Math.min(this.#limits.max, Math.max(0, wanted));
    this.#box.update({ value, limits: generalLimits.vramBudget, effective, invalid, disabled });
    setText(this.#state, l10n.t(value === null ? 'budget.free' : 'pin.set'));
    this.#state.classList.toggle('set', value !== null);
    this.mark.style.insetInlineStart = `${(this.#shown / this.#scale) * 100}%`;
    this.mark.classList.toggle('set', value !== null);
    this.mark.setAttribute('aria-disabled', String(disabled));
    this.mark.setAttribute('aria-valuemin', '0');
    this.mark.setAttribute('aria-valuemax', String(this.#limits.max));
    this.mark.setAttribute('aria-valuenow', String(this.#shown));
    this.mark.setAttribute('aria-valuetext', `${l10n.fixed(this.#shown, 1)} GiB`);
  }

  #pressed(event: KeyboardEvent): void {
    if (this.#disabled || event.altKey || event.ctrlKey || event.metaKey) return;
    const towardsEnd = this.ui.l10n.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    const moved = budgetAfterKey(event.key, this.#shown, this.#limits, towardsEnd);
    if (moved === undefined) return;
    event.preventDefault();
    this.#set(moved);
  }

  #grabbed(event: PointerEvent): void {
    if (this.#disabled || event.button !== 0) return;
    // Else a drag would select the page's text.
    event.preventDefault();
    const { left, width } = this.mark.getBoundingClientRect();
    this.#grip = event.clientX - (left + width / 2);
    this.mark.setPointerCapture(event.pointerId);
    this.mark.focus();
  }

  #draggedTo(clientX: number): void {
    const bar = this.mark.parentElement?.getBoundingClientRect();
    if (!bar || bar.width === 0) return;
    const along = this.ui.l10n.dir === 'rtl' ? bar.right - clientX : clientX - bar.left;
    this.#set(roundBudget((along / bar.width) * this.#scale, this.#limits));
  }

  #set(vramBudget: number): void {
    this.ui.edit({ vramBudget });
  }
}
