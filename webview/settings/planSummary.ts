import type { PlanView } from '../../src/protocol/webview';
import { button, type ButtonElement } from '../components';
import { element, setText } from '../dom';
import { planDetails, rateText, spokenVerdict, verdictSentence } from './planWords';
import type { Ui } from './ui';

export interface PlanSummaryState {
  plan: PlanView | undefined;
  checking: boolean;
  /** Whether the budget is the person's. */
  budgetSet: boolean;
  calibrating: { fraction: number } | undefined;
  disabled: boolean;
}

/** The answer in one sentence: whether it fits, what goes where, how quick it is. */
export class PlanSummary {
  readonly element: HTMLElement;
  readonly #dot = element('span', { class: 'dot', attributes: { 'aria-hidden': 'true' } });
  readonly #word = element('b');
  readonly #sentence = element('span', { class: 'number', attributes: { dir: 'auto' } });
  readonly #rates = element('span', { class: 'rates number' });
  readonly #details = element('p', { class: 'muted number' });
  readonly #unmeasured: HTMLElement;
  readonly #unmeasuredText = element('span', { class: 'muted number', attributes: { role: 'status' } });
  readonly #measure: ButtonElement;
  readonly #cancel: ButtonElement;
  /** Told once a plan is final: not at each step of a slider. */
  readonly #voice = element('div', { class: 'visually-hidden', attributes: { 'aria-live': 'polite' } });
  #said: string | undefined;

  constructor(private readonly ui: Ui) {
    const { l10n, post } = ui;
    this.#measure = button(
      { id: 'calibrate', onClick: () => post({ kind: 'calibrate' }) },
      l10n.t('plan.calibrate'),
    );
    this.#cancel = button(
      { id: 'cancelCalibrate', onClick: () => post({ kind: 'cancelCalibrate' }) },
      l10n.t('foot.cancel'),
    );
    this.#unmeasured = element(
      'div',
      { class: 'unmeasured' },
      this.#measure,
      this.#cancel,
      this.#unmeasuredText,
    );
    this.element = element(
      'div',
      { class: 'summary' },
      element('p', { class: 'verdict' }, this.#dot, this.#word, ' ', this.#sentence, ' ', this.#rates),
      this.#details,
      this.#unmeasured,
      this.#voice,
    );
  }

  update({ plan, checking, budgetSet, calibrating, disabled }: PlanSummaryState): void {
    this.element.hidden = plan === undefined && calibrating === undefined;
    this.#updateCalibration(plan, calibrating, disabled);
    for (const node of [this.#dot, this.#word, this.#sentence, this.#rates, this.#details]) {
      node.hidden = plan === undefined;
    }
    if (!plan) return;
    const { l10n } = this.ui;
    this.#dot.className = `dot ${plan.verdict}`;
    setText(this.#word, l10n.t(`verdict.${plan.verdict}`));
    setText(this.#sentence, verdictSentence(l10n, plan));
    this.#updateRates(plan);
    setText(this.#details, planDetails(l10n, plan, budgetSet).join(' '));
    if (!checking) this.#say(plan);
  }

  #updateRates({ verdict, decode, measuredDecode }: PlanView): void {
    const { l10n } = this.ui;
    this.#rates.hidden = verdict === 'doesNotFit';
    // Latin units keep their order in a right-to-left page.
    const strong = (text: string) => element('b', { text, attributes: { dir: 'auto' } });
    const muted = (text: string) => element('span', { class: 'muted', text });
    const measured =
      measuredDecode === undefined
        ? []
        : [', ', strong(rateText(l10n, measuredDecode)), ' ', muted(l10n.t('plan.measured'))];
    this.#rates.replaceChildren(
      strong(`${rateText(l10n, decode)} tok/s`),
      ' ',
      muted(l10n.t('plan.estimated')),
      ...measured,
    );
  }

  #updateCalibration(
    plan: PlanView | undefined,
    calibrating: { fraction: number } | undefined,
    disabled: boolean,
  ): void {
    const { l10n } = this.ui;
    this.#unmeasured.hidden = calibrating === undefined && plan?.calibrated !== false;
    this.#measure.hidden = calibrating !== undefined;
    this.#measure.disabled = disabled;
    this.#cancel.hidden = calibrating === undefined;
    setText(
      this.#unmeasuredText,
      calibrating
        ? l10n.t('plan.calibrating', { percent: Math.floor(calibrating.fraction * 100) })
        : l10n.t('plan.uncalibrated'),
    );
  }

  #say(plan: PlanView): void {
    const text = spokenVerdict(this.ui.l10n, plan);
    // What the page opens with is read with the page.
    if (this.#said !== undefined && this.#said !== text) this.#voice.textContent = text;
    this.#said = text;
  }
}
