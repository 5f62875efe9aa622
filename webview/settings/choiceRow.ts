import { dropdown, option, type DropdownElement } from '../components';
import { element, setText } from '../dom';
import type { SettingsKey, Ui } from './ui';

/** One of a few values, with what it means beside it. */
export class ChoiceRow<Choice extends string> {
  readonly element: HTMLElement;
  readonly #dropdown: DropdownElement;
  readonly #hint = element('div', { class: 'hint muted small' });

  constructor(
    private readonly ui: Ui,
    private readonly texts: {
      name: 'kvCacheType' | 'flashAttention';
      choices: readonly { value: Choice; label: string; hint: SettingsKey }[];
    },
    onChange: (value: Choice) => void,
  ) {
    const label = ui.l10n.t(`name.${texts.name}`);
    this.#dropdown = dropdown(
      { label, id: texts.name },
      ...texts.choices.map((choice) => option(choice.value, choice.label)),
    );
    this.#dropdown.addEventListener('change', () => {
      const chosen = texts.choices.find((choice) => choice.value === this.#dropdown.value);
      if (chosen) onChange(chosen.value);
    });
    this.element = element(
      'div',
      { class: 'control choice', attributes: { 'data-name': texts.name } },
      element('span', { class: 'name', text: label }),
      element('div', { class: 'middle' }, this.#hint),
      this.#dropdown,
    );
  }

  update(value: Choice, disabled: boolean): void {
    if (this.#dropdown.value !== value) this.#dropdown.value = value;
    this.#dropdown.disabled = disabled;
    const chosen = this.texts.choices.find((choice) => choice.value === value);
    setText(this.#hint, chosen ? this.ui.l10n.t(chosen.hint) : '');
  }
}
