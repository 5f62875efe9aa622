import { button, textField, type ButtonElement, type TextFieldElement } from '../components';
import { element, setText } from '../dom';
import type { Ui } from './ui';

export interface ModelSectionState {
  path: string;
  problem: string | undefined;
  /** The header of the chosen file has not been read yet. */
  reading: boolean;
  disabled: boolean;
}

/** The model's file: a path to type or to browse for. */
export class ModelSection {
  readonly element: HTMLElement;
  readonly #field: TextFieldElement;
  readonly #browse: ButtonElement;
  readonly #problem = element('p', { class: 'problem', attributes: { role: 'alert', dir: 'auto' } });
  readonly #reading = element('p', { class: 'muted small', attributes: { role: 'status' } });

  constructor(private readonly ui: Ui) {
    const { l10n, post } = ui;
    this.#field = textField({
      id: 'modelPath',
      class: 'path',
      label: l10n.t('model.file'),
      placeholder: l10n.t('model.noFile'),
      // A path reads left to right in every language.
      attributes: { dir: 'ltr', spellcheck: 'false' },
    });
    this.#field.addEventListener('change', () => {
      const path = this.#field.value.trim();
      if (path !== '') post({ kind: 'inspect', path });
    });
    this.#browse = button({ id: 'browse', onClick: () => post({ kind: 'browse' }) }, l10n.t('model.browse'));
    this.element = element(
      'section',
      { class: 'model' },
      element('h2', { text: l10n.t('model.title') }),
      element('div', { class: 'file-line' }, this.#field, this.#browse),
      this.#reading,
      this.#problem,
    );
  }

  update({ path, problem, reading, disabled }: ModelSectionState): void {
    if (this.#field.value !== path && document.activeElement !== this.#field) this.#field.value = path;
    this.#field.title = path;
    this.#field.disabled = disabled;
    this.#browse.disabled = disabled;
    setText(this.#reading, reading ? this.ui.l10n.t('model.reading') : '');
    setText(this.#problem, problem ?? '');
    this.#problem.hidden = problem === undefined;
  }
}
