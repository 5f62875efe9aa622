import { dropdown, option, type DropdownElement } from '../components';
import { element } from '../dom';
import { PinHint } from './pinHint';
import type { SettingsKey, Ui } from './ui';

export interface ChoiceRowState<Choice extends string> {
  /** null: automatic. */
  value: Choice | null;
  /** What an automatic value comes to. */
  effective: Choice;
  /** Whether `effective` is a plan's. */
  solved: boolean;
  disabled: boolean;
}

/** One of a few values, what it means, and a switch that leaves it to the program where `automatic`. */
export class ChoiceRow<Choice extends string> {
  readonly element: HTMLElement;
  readonly #dropdown: DropdownElement;
  readonly #auto: HTMLButtonElement | undefined;
  readonly #hint: PinHint;
  #state: ChoiceRowState<Choice> | undefined;

  constructor(
    private readonly ui: Ui,
    private readonly texts: {
      name: 'kvCacheType' | 'flashAttention';
      automatic: boolean;
      choices: readonly { value: Choice; label: string; hint: SettingsKey }[];
    },
    private readonly onChange: (value: Choice | null) => void,
  ) {
    const label = ui.l10n.t(`name.${texts.name}`);
    this.#hint = new PinHint(ui, `${texts.name}-hint`);
    this.#dropdown = dropdown(
      { label, id: texts.name, attributes: { 'aria-describedby': `${texts.name}-hint` } },
      ...texts.choices.map((choice) => option(choice.value, choice.label)),
    );
    this.#dropdown.addEventListener('change', () => this.#chosen());
    if (texts.automatic) {
      this.#auto = element('button', {
        class: 'auto small',
        text: ui.l10n.t('load.auto'),
        label: ui.l10n.t('load.autoLabel', { name: label }),
        attributes: { type: 'button' },
        onClick: () => this.#switchAuto(),
      });
    }
    this.element = element(
      'div',
      { class: 'control choice', attributes: { 'data-name': texts.name } },
      element('span', { class: 'name', text: label }),
      element('div', { class: 'middle' }, this.#hint.element),
      this.#dropdown,
      this.#auto,
    );
  }

  update(state: ChoiceRowState<Choice>): void {
    this.#state = state;
    const { value, effective, solved, disabled } = state;
    const { l10n } = this.ui;
    const shown = value ?? effective;
    if (this.#dropdown.value !== shown) this.#dropdown.value = shown;
    this.#dropdown.disabled = disabled;
    if (this.#auto) {
      this.#auto.disabled = disabled;
      this.#auto.setAttribute('aria-pressed', String(value === null));
      this.#auto.title = l10n.t(value === null ? 'load.autoOn' : 'load.autoOff');
    }
    this.element.classList.toggle('automatic', value === null);
    const chosen = this.texts.choices.find((choice) => choice.value === shown);
    this.#hint.update(value !== null, solved, chosen ? l10n.t(chosen.hint) : '');
  }

  /** Setting the value from a snapshot tells of a change as well: what is shown anyway pins nothing. */
  #chosen(): void {
    if (!this.#state) return;
    const chosen = this.texts.choices.find((choice) => choice.value === this.#dropdown.value);
    const { value, effective } = this.#state;
    if (chosen && chosen.value !== (value ?? effective)) this.onChange(chosen.value);
  }

  #switchAuto(): void {
    if (!this.#state) return;
    this.onChange(this.#state.value === null ? this.#state.effective : null);
  }
}
