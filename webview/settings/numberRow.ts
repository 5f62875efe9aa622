import { element } from '../dom';
import type { Limits, RowName } from './limits';
import { NumberBox, type NumberBoxState } from './numberBox';
import { PinHint } from './pinHint';
import type { Ui } from './ui';

/** How a number is moved along a slider of whole steps. */
export interface Scale {
  steps: (limits: Limits) => { min: number; max: number };
  toStep: (value: number, limits: Limits) => number;
  fromStep: (step: number, limits: Limits) => number;
}

export interface NumberRowState extends NumberBoxState {
  /** Whether `effective` is a plan's. */
  solved: boolean;
  hint: string;
}

/** One number: its name, a slider where one helps, a box, and a switch that leaves it to the program. */
export class NumberRow {
  readonly element: HTMLElement;
  readonly #box: NumberBox;
  readonly #slider: HTMLInputElement | undefined;
  readonly #hint: PinHint;
  #state: NumberRowState | undefined;

  constructor(
    private readonly ui: Ui,
    private readonly name: RowName,
    private readonly scale?: Scale,
  ) {
    const { l10n } = ui;
    const label = l10n.t(`name.${name}`);
    const hintId = `${name}-hint`;
    this.#box = new NumberBox(ui, name, { step: 1, describedBy: hintId });
    this.#hint = new PinHint(ui, hintId);
    if (scale) {
      this.#slider = element('input', {
        class: 'slider',
        label: l10n.t('load.slider', { name: label }),
        attributes: { type: 'range', step: '1' },
      });
      this.#slider.addEventListener('input', () => this.#slid());
    }
    this.element = element(
      'div',
      { class: 'control', attributes: { 'data-name': name } },
      element('label', { text: label, attributes: { for: name } }),
      element('div', { class: 'middle' }, this.#slider, this.#hint.element),
      this.#box.box,
      this.#box.auto,
    );
  }

  update(state: NumberRowState): void {
    this.#state = state;
    this.#box.update(state);
    this.#hint.update(state.value !== null, state.solved, state.hint);
    this.element.classList.toggle('automatic', state.value === null);
    this.#updateSlider(state);
  }

  #updateSlider({ value, limits, effective, disabled }: NumberRowState): void {
    if (!this.#slider || !this.scale) return;
    const { min, max } = this.scale.steps(limits);
    const shown = value === null || Number.isNaN(value) ? (effective ?? limits.min) : value;
    const step = Math.min(max, Math.max(min, this.scale.toStep(shown, limits)));
    this.#slider.min = String(min);
    this.#slider.max = String(max);
    this.#slider.value = String(step);
    this.#slider.disabled = disabled || max <= min;
    this.#slider.style.setProperty('--fill', `${max > min ? ((step - min) / (max - min)) * 100 : 0}%`);
    this.#slider.setAttribute('aria-valuetext', this.ui.l10n.number(shown));
  }

  #slid(): void {
    if (!this.#slider || !this.scale || !this.#state) return;
    this.ui.edit({ [this.name]: this.scale.fromStep(Number(this.#slider.value), this.#state.limits) });
  }
}
