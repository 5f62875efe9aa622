import { element, setText } from '../dom';
import type { Limits, NumberName } from './limits';
import type { Ui } from './ui';

/** How a number is moved along a slider of whole steps. */
export interface Scale {
  steps: (limits: Limits) => { min: number; max: number };
  toStep: (value: number, limits: Limits) => number;
  fromStep: (step: number, limits: Limits) => number;
}

export interface NumberRowState {
  /** null: automatic. NaN: what is typed is no number. */
  value: number | null;
  limits: Limits;
  /** What an automatic value comes to, where that is known. */
  effective: number | undefined;
  hint: string;
  invalid: boolean;
  disabled: boolean;
}

/** One number: its name, a slider where one helps, a box, and a switch that leaves it to the program. */
export class NumberRow {
  readonly element: HTMLElement;
  readonly #box: HTMLInputElement;
  readonly #slider: HTMLInputElement | undefined;
  readonly #auto: HTMLButtonElement | undefined;
  readonly #hint: HTMLElement;
  #state: NumberRowState | undefined;

  constructor(
    private readonly ui: Ui,
    private readonly name: NumberName,
    private readonly scale?: Scale,
  ) {
    const { l10n } = ui;
    const label = l10n.t(`name.${name}`);
    const hintId = `${name}-hint`;
    this.#box = element('input', {
      class: 'number-box number',
      id: name,
      attributes: { type: 'number', step: '1', inputmode: 'numeric', 'aria-describedby': hintId },
    });
    this.#box.addEventListener('input', () => this.#typed());
    this.#hint = element('div', { class: 'hint muted small number', id: hintId });
    if (scale) {
      this.#slider = element('input', {
        class: 'slider',
        label: l10n.t('load.slider', { name: label }),
        attributes: { type: 'range', step: '1' },
      });
      this.#slider.addEventListener('input', () => this.#slid());
    }
    // A batch has a number of its own: there is nothing to leave to the program.
    if (name !== 'batchSize') {
      this.#auto = element('button', {
        class: 'auto small',
        text: l10n.t('load.auto'),
        label: l10n.t('load.autoLabel', { name: label }),
        attributes: { type: 'button' },
        onClick: () => this.#switchAuto(),
      });
    }
    this.element = element(
      'div',
      { class: 'control', attributes: { 'data-name': name } },
      element('label', { text: label, attributes: { for: name } }),
      element('div', { class: 'middle' }, this.#slider, this.#hint),
      this.#box,
      this.#auto,
    );
  }

  update(state: NumberRowState): void {
    this.#state = state;
    const { value, limits, effective, hint, invalid, disabled } = state;
    const { l10n } = this.ui;
    this.#box.min = String(limits.min);
    this.#box.max = String(limits.max);
    this.#box.placeholder = effective === undefined ? l10n.t('load.automatic') : String(effective);
    // What is being typed stays as it is, also where it is no number yet.
    if (!Number.isNaN(value)) {
      const text = value === null ? '' : String(value);
      if (this.#box.value !== text || this.#box.validity.badInput) this.#box.value = text;
    }
    this.#box.disabled = disabled;
    this.#box.setAttribute('aria-invalid', String(invalid));
    setText(this.#hint, hint);
    this.element.classList.toggle('automatic', value === null);
    if (this.#auto) {
      this.#auto.disabled = disabled;
      this.#auto.setAttribute('aria-pressed', String(value === null));
      this.#auto.title = l10n.t(value === null ? 'load.autoOn' : 'load.autoOff');
    }
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

  #typed(): void {
    const { value, validity } = this.#box;
    if (validity.badInput) this.#set(NaN);
    else if (value !== '') this.#set(Number(value));
    else this.#set(this.#auto ? null : NaN);
  }

  #slid(): void {
    if (!this.#slider || !this.scale || !this.#state) return;
    this.#set(this.scale.fromStep(Number(this.#slider.value), this.#state.limits));
  }

  #switchAuto(): void {
    if (!this.#state) return;
    const { value, effective, limits } = this.#state;
    this.#set(value === null ? (effective ?? limits.max) : null);
    if (value === null) this.#box.select();
  }

  #set(value: number | null): void {
    this.ui.edit({ [this.name]: value });
  }
}
