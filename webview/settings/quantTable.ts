import type { HardwareView, ModelFileView, QuantPlanView } from '../../src/protocol/webview';
import { element, setText, type Child } from '../dom';
import { rateText } from './planWords';
import { bytesText, gib, mib, type Ui } from './ui';

export interface QuantTableState {
  quants: readonly ModelFileView[];
  /** What each would do under the plan's budget; of those that are known. */
  plans: readonly QuantPlanView[];
  chosen: string;
  loaded: string | undefined;
  /** Whether there is a GPU to put layers on. */
  onGpu: boolean;
  hardware: HardwareView;
  disabled: boolean;
}

/** The files of the same model at hand, one of which is chosen. */
export class QuantTable {
  readonly element: HTMLElement;
  readonly #body = element('tbody');
  readonly #size: HTMLElement;
  readonly #note = element('p', { class: 'muted small note' });
  #shown = '';

  constructor(private readonly ui: Ui) {
    const { l10n } = ui;
    const column = (text: string, name = '') =>
      element('th', { text, class: name, attributes: { scope: 'col' } });
    this.#size = column('');
    this.element = element(
      'section',
      { class: 'quants' },
      element('h2', { text: l10n.t('quants.title') }),
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
            column(l10n.t('quants.quality'), 'planned'),
          ),
        ),
        this.#body,
      ),
      this.#note,
    );
  }

  update(state: QuantTableState): void {
    const { quants, plans, hardware, onGpu } = state;
    this.element.hidden = quants.length === 0;
    const now = JSON.stringify({ ...state, hardware: memoryOf(hardware) });
    if (now === this.#shown) return;
    this.#shown = now;
    const { l10n } = this.ui;
    this.element.classList.toggle('without-gpu', !onGpu);
    this.element.classList.toggle('without-plan', plans.length === 0);
    setText(this.#note, l10n.t(plans.length === 0 ? 'quants.note' : 'quants.notePlanned'));
    // One unit for all, in the column's head.
    const unit = quants.every((file) => file.sizeBytes >= gib) ? gib : mib;
    setText(this.#size, l10n.t('quants.size', { unit: unit === gib ? 'GiB' : 'MiB' }));
    const focused = document.activeElement?.closest('tr')?.dataset['path'];
    this.#body.replaceChildren(...quants.map((file) => this.#row(file, state, unit)));
    if (focused === undefined) return;
    for (const row of this.#body.rows) {
      if (row.dataset['path'] === focused) row.querySelector('input')?.focus();
    }
  }

  #row(file: ModelFileView, state: QuantTableState, unit: number): HTMLElement {
    const { l10n } = this.ui;
    const { plans, chosen } = state;
    const radio = this.#radio(file, state);
    return element(
      'tr',
      {
        class: file.path === chosen ? 'chosen' : '',
        title: file.path,
        attributes: { 'data-path': file.path },
        onClick: () => radio.click(),
      },
      element(
        'td',
        {},
        radio,
        element(
          'div',
          { class: 'level' },
          element('bdi', { text: this.#level(file) }),
          ...this.#tags(file, state),
        ),
      ),
      element('td', { text: l10n.number(file.sizeBytes / unit, unit === gib ? 1 : 0) }),
      ...this.#planCells(
        plans.find((plan) => plan.path === file.path),
        state.onGpu,
      ),
    );
  }

  #radio(file: ModelFileView, { chosen, disabled }: QuantTableState): HTMLInputElement {
    const { l10n } = this.ui;
    const size = bytesText(l10n, file.sizeBytes);
    const radio = element('input', {
      class: 'visually-hidden',
      label: l10n.t('quants.choose', { level: this.#level(file), size }),
      attributes: { type: 'radio', name: 'quant', value: file.path },
    });
    radio.checked = file.path === chosen;
    radio.disabled = disabled;
    radio.addEventListener('change', () => {
      if (!disabled && file.path !== chosen) this.ui.post({ kind: 'inspect', path: file.path });
    });
    return radio;
  }

  #level({ quant }: ModelFileView): string {
    return quant === '' || quant === 'unknown' ? this.ui.l10n.t('quants.unknown') : quant;
  }

  #tags(file: ModelFileView, { plans, loaded, hardware }: QuantTableState): Child[] {
    const { l10n } = this.ui;
    const plan = plans.find(({ path }) => path === file.path);
    const totalBytes = memoryOf(hardware);
    // Where there is a plan it tells what does not fit.
    const tooBig = !plan && totalBytes > 0 && file.sizeBytes > totalBytes;
    return [
      file.path === loaded ? element('span', { class: 'tag', text: l10n.t('quants.here') }) : undefined,
      plan?.suggested === true
        ? element('span', { class: 'tag suggested', text: l10n.t('quants.suggested') })
        : undefined,
      tooBig ? element('span', { class: 'too-big small', text: l10n.t('quants.tooBig') }) : undefined,
    ];
  }

  #planCells(plan: QuantPlanView | undefined, onGpu: boolean): HTMLElement[] {
    const { l10n } = this.ui;
    const quality = plan?.qualityCost;
    const qualityCell =
      quality === undefined
        ? element('td', { class: 'planned muted', text: l10n.t('quants.noFigure') })
        : element('td', { class: 'planned' }, element('bdi', { text: quality, attributes: { dir: 'ltr' } }));
    if (plan && !plan.fits) {
      const text = l10n.t('quants.doesNotFit');
      return [
        element('td', { class: 'planned too-big', text, attributes: { colspan: onGpu ? '2' : '1' } }),
        qualityCell,
      ];
    }
    return [
      element('td', { class: 'on-gpu', text: plan ? l10n.number(plan.gpuLayers) : '–' }),
      element('td', { class: 'planned', text: plan ? rateText(l10n, plan.decode) : '–' }),
      qualityCell,
    ];
  }
}

/** RAM and VRAM of this machine, in bytes; 0 where they are not known. */
function memoryOf({ gpus, ramTotalBytes }: HardwareView): number {
  return gpus.reduce((sum, gpu) => sum + gpu.totalBytes, ramTotalBytes);
}
