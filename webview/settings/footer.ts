import { button, type ButtonElement } from '../components';
import { element, setText } from '../dom';
import type { ValueName } from './draft';
import type { Ui } from './ui';

export interface FooterState {
  changes: readonly ValueName[];
  /** Why the values cannot be applied. */
  invalid: string | undefined;
  canApply: boolean;
  applying: { fraction: number; measuring: boolean } | undefined;
  /** Why the last Apply failed. */
  problem: string | undefined;
}

/** What is unsaved, and what to do about it. */
export class Footer {
  readonly element: HTMLElement;
  readonly #apply: ButtonElement;
  readonly #undo: ButtonElement;
  readonly #cancel: ButtonElement;
  readonly #sentence = element('span', { class: 'sentence number', attributes: { role: 'status' } });
  readonly #problem = element('p', { class: 'problem', attributes: { role: 'alert', dir: 'auto' } });
  readonly #track: HTMLElement;
  readonly #fill = element('div', { class: 'fill' });
  #cancelling = false;

  constructor(
    private readonly ui: Ui,
    actions: { apply: () => void; undo: () => void; cancel: () => void },
  ) {
    const { l10n } = ui;
    this.#apply = button({ id: 'apply', look: 'primary', onClick: actions.apply }, l10n.t('foot.apply'));
    this.#undo = button({ id: 'undo', onClick: actions.undo }, l10n.t('foot.undo'));
    this.#cancel = button(
      {
        id: 'cancel',
        onClick: () => {
          this.#cancelling = true;
          setText(this.#sentence, l10n.t('foot.cancelling'));
          actions.cancel();
        },
      },
      l10n.t('foot.cancel'),
    );
    this.#track = element('div', { class: 'track', attributes: { role: 'progressbar' } }, this.#fill);
    this.element = element(
      'footer',
      {},
      this.#track,
      this.#problem,
      element('div', { class: 'actions' }, this.#apply, this.#undo, this.#cancel, this.#sentence),
    );
  }

  update({ changes, invalid, canApply, applying, problem }: FooterState): void {
    const busy = applying !== undefined;
    if (!busy) this.#cancelling = false;
    this.#apply.hidden = busy;
    this.#apply.disabled = !canApply;
    this.#undo.hidden = busy;
    this.#undo.disabled = changes.length === 0;
    this.#cancel.hidden = !busy;
    this.#cancel.disabled = this.#cancelling;
    this.#track.hidden = !busy;
    const percent = Math.floor((applying?.fraction ?? 0) * 100);
    this.#fill.style.inlineSize = `${percent}%`;
    this.#track.setAttribute('aria-valuenow', String(percent));
    this.#problem.hidden = busy || problem === undefined;
    setText(this.#problem, problem ?? '');
    setText(
      this.#sentence,
      applying ? this.#working(applying.measuring, percent) : this.#text(changes, invalid),
    );
    this.#sentence.classList.toggle('invalid', !busy && invalid !== undefined);
  }

  #working(measuring: boolean, percent: number): string {
    const { l10n } = this.ui;
    if (this.#cancelling) return l10n.t('foot.cancelling');
    return l10n.t(measuring ? 'foot.measuring' : 'foot.applying', { percent });
  }

  #text(changes: readonly ValueName[], invalid: string | undefined): string {
    const { l10n } = this.ui;
    if (invalid !== undefined) return invalid;
    if (changes.length === 0) return l10n.t('foot.saved');
    const names = changes.map((name) => l10n.t(`name.${name}`));
    const list = new Intl.ListFormat(l10n.language, { type: 'unit', style: 'short' }).format(names);
    return l10n.t('foot.changes', { count: changes.length, names: list });
  }
}
