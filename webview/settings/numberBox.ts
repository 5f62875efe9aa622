import { element } from '../dom';
import type { Limits, NumberName } from './limits';
import type { Ui } from './ui';

export interface NumberBoxState {
  /** null: automatic. NaN: what is typed is no number. */
  value: number | null;
  limits: Limits;
  /** What an automatic value comes to, where that is known. */
  effective: number | undefined;
  invalid: boolean;
  disabled: boolean;
}

/** A number to type, empty while automatic, and the switch that leaves it to the program. */
export class NumberBox {
  readonly box: HTMLInputElement;
  readonly auto: HTMLButtonElement;
  #state: NumberBoxState | undefined;

  constructor(
    private readonly ui: Ui,
    private readonly name: NumberName,
    options: { step: number; describedBy: string },
  ) {
    const { l10n } = ui;
    this.box = element('input', {
      class: 'number-box number',
      id: name,
      attributes: {
        type: 'number',
        step: String(options.step),
        inputmode: Number.isInteger(options.step) ? 'numeric' : 'decimal',
        'aria-describedby': options.describedBy,
      },
    });
    this.box.addEventListener('input', () => this.#typed());
    this.auto = element('button', {
      class: 'auto small',
      text: l10n.t('load.auto'),
      label: l10n.t('load.autoLabel', { name: l10n.t(`name.${name}`) }),
      attributes: { type: 'button' },
      onClick: () => this.#switchAuto(),
    });
  }

  update(state: NumberBoxState): void {
    this.#state = state;
    const { value, limits, effective, invalid, disabled } = state;
    const { l10n } = this.ui;
    this.box.min = String(limits.min);
    this.box.max = String(limits.max);
    this.box.placeholder = effective === undefined ? l10n.t('load.automatic') : String(effective);
    // What is being typed stays as it is, also where it is no number yet ("11." of "11.5").
    if (!Number.isNaN(value)) {
      const shown = this.box.value === '' ? null : Number(this.box.value);
      if (shown !== value || this.box.validity.badInput) this.box.value = value === null ? '' : String(value);
    }
    this.box.disabled = disabled;
    this.box.setAttribute('aria-invalid', String(invalid));
    this.auto.disabled = disabled;
    this.auto.setAttribute('aria-pressed', String(value === null));
    this.auto.title = l10n.t(value === null ? 'load.autoOn' : 'load.autoOff');
  }

  #typed(): void {
    const { value, validity } = this.box;
    if (validity.badInput) this.#set(NaN);
    else this.#set(value === '' ? null : Number(value));
  }

  #switchAuto(): void {
    if (!this.#state) return;
    const { value, effective, limits } = this.#state;
    this.#set(value === null ? (effective ?? limits.max) : null);
    if (value === null) this.box.select();
  }

  #set(value: number | null): void {
    this.ui.edit({ [this.name]: value });
  }
}
