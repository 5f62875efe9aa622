import type { HardwareView, ModelFileView, QuantAdviceView, QuantPlanView } from '../../src/protocol/webview';
import { element, setText } from '../dom';
import { QuantRows, type LevelRow } from './quantRows';
import { gib, mib, type Ui } from './ui';

export interface QuantTableState {
  /** Files of the same model at hand. */
  quants: readonly ModelFileView[];
  /** What each level would do under the plan's budget; undefined: not known. */
  advice: QuantAdviceView | undefined;
  chosen: string;
  loaded: string | undefined;
  /** Whether there is a GPU to put layers on. */
  onGpu: boolean;
  hardware: HardwareView;
  disabled: boolean;
}

/** The quant levels of a model: the files at hand, one of which is chosen, and what others would be. */
export class QuantTable {
  readonly element: HTMLElement;
  readonly #atHand = element('tbody');
  readonly #elsewhere = element('tbody', { class: 'elsewhere' });
  readonly #recommendation = element('p', { class: 'recommendation', attributes: { dir: 'auto' } });
  readonly #size: HTMLElement;
  readonly #notes = element('div', { class: 'muted small note' });
  readonly #rows: QuantRows;
  #shown = '';

  constructor(private readonly ui: Ui) {
    const { l10n } = ui;
    this.#rows = new QuantRows(ui);
    const column = (text: string, name = '') =>
      element('th', { text, class: name, attributes: { scope: 'col' } });
    this.#size = column('');
    this.element = element(
      'section',
      { class: 'quants' },
      element('h2', { text: l10n.t('quants.title') }),
      this.#recommendation,
      element(
        'table',
        { class: 'number', label: l10n.t('quants.title') },
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            column(l10n.t('quants.level')),
            this.#size,
            column(l10n.t('quants.onGpu'), 'on-gpu'),
            column('tok/s', 'planned'),
            column(l10n.t('quants.perplexity'), 'planned'),
            column('MMLU', 'planned'),
          ),
        ),
        this.#atHand,
        this.#elsewhere,
      ),
      this.#notes,
    );
  }

  update(state: QuantTableState): void {
    const { quants, advice, hardware, onGpu } = state;
    this.element.hidden = quants.length === 0;
    const totalBytes = memoryOf(hardware);
    const now = JSON.stringify({ ...state, hardware: totalBytes });
    if (now === this.#shown) return;
    this.#shown = now;
    const { l10n } = this.ui;
    this.element.classList.toggle('without-gpu', !onGpu);
    this.element.classList.toggle('without-plan', advice === undefined);
    setText(this.#recommendation, advice?.recommendation ?? '');
    this.#recommendation.hidden = advice?.recommendation === undefined;
    this.#notes.replaceChildren(...this.#noteTexts(advice).map((text) => element('p', { text })));
    const plans = advice?.rows ?? [];
    const here = quants.map((file) => rowOf(file, plans));
    const elsewhere = plans.filter(({ path }) => path === undefined).map(absentRow);
    // One unit for all, in the column's head.
    const unit = [...here, ...elsewhere].every(({ sizeBytes }) => sizeBytes >= gib) ? gib : mib;
    setText(this.#size, l10n.t('quants.size', { unit: unit === gib ? 'GiB' : 'MiB' }));
    const focused = document.activeElement?.closest('tr')?.dataset['path'];
    const context = { ...state, unit, totalBytes };
    this.#atHand.replaceChildren(...here.map((row) => this.#rows.make(row, context)));
    this.#elsewhere.hidden = elsewhere.length === 0;
    this.#elsewhere.replaceChildren(
      this.#rows.heading(l10n.t('quants.elsewhere'), onGpu ? 6 : 5),
      ...elsewhere.map((row) => this.#rows.make(row, context)),
    );
    if (focused === undefined) return;
    for (const row of this.#atHand.rows) {
      if (row.dataset['path'] === focused) row.querySelector('input')?.focus();
    }
  }

  #noteTexts(advice: QuantAdviceView | undefined): string[] {
    const { l10n } = this.ui;
    if (!advice) return [l10n.t('quants.note')];
    const { perplexity, mmlu } = advice;
    return [
      l10n.t('quants.notePlanned'),
      l10n.t('quants.notePerplexity', { model: perplexity.model, source: perplexity.source }),
      l10n.t('quants.noteMmlu', { model: mmlu.model, source: mmlu.source }),
      l10n.t('quants.noteQuality'),
    ];
  }
}

function rowOf({ quant, path, sizeBytes }: ModelFileView, plans: readonly QuantPlanView[]): LevelRow {
  return { level: quant, path, sizeBytes, plan: plans.find((plan) => plan.path === path) };
}

function absentRow(plan: QuantPlanView): LevelRow {
  return { level: plan.level, path: undefined, sizeBytes: plan.sizeBytes, plan };
}

/** RAM and VRAM of this machine, in bytes; 0 where they are not known. */
function memoryOf({ gpus, ramTotalBytes }: HardwareView): number {
  return gpus.reduce((sum, gpu) => sum + gpu.totalBytes, ramTotalBytes);
}
