import type { QuantPlanView } from '../../src/protocol/webview';
import { element, type Child } from '../dom';
import { rateText } from './planWords';
import { bytesText, gib, type Ui } from './ui';

/** A level: a file at hand, or (without a path) one that could be had. */
export interface LevelRow {
  level: string;
  path: string | undefined;
  sizeBytes: number;
  plan: QuantPlanView | undefined;
}

export interface RowContext {
  chosen: string;
  loaded: string | undefined;
  onGpu: boolean;
  disabled: boolean;
  /** Bytes that sizes are told in. */
  unit: number;
  /** RAM and VRAM of this machine, bytes. */
  totalBytes: number;
}

/** Makes the rows of the table of quant levels. */
export class QuantRows {
  constructor(private readonly ui: Ui) {}

  /** A line over rows that belong together. */
  heading(text: string, columns: number): HTMLElement {
    const attributes = { scope: 'rowgroup', colspan: String(columns) };
    return element('tr', {}, element('th', { text, attributes }));
  }

  make(row: LevelRow, context: RowContext): HTMLElement {
    const { path, plan } = row;
    const radio = path === undefined ? undefined : this.#radio(row, path, context);
    return element(
      'tr',
      {
        class: path === context.chosen ? 'chosen' : '',
        ...(path !== undefined && { title: path, attributes: { 'data-path': path } }),
        onClick: () => radio?.click(),
      },
      element(
        'td',
        {},
        radio,
        element(
          'div',
          { class: 'level' },
          element('bdi', { text: this.#name(row) }),
          ...this.#tags(row, context),
        ),
      ),
      this.#sizeCell(row, context),
      ...this.#planCells(plan, context.onGpu),
      this.#figureCell(plan?.perplexityIncrease, '+'),
      this.#figureCell(plan?.mmlu),
    );
  }

  #radio(row: LevelRow, path: string, { chosen, disabled }: RowContext): HTMLInputElement {
    const { l10n } = this.ui;
    const radio = element('input', {
      class: 'visually-hidden',
      label: l10n.t('quants.choose', { level: this.#name(row), size: bytesText(l10n, row.sizeBytes) }),
      attributes: { type: 'radio', name: 'quant', value: path },
    });
    radio.checked = path === chosen;
    radio.disabled = disabled;
    radio.addEventListener('change', () => {
      if (!disabled && path !== chosen) this.ui.post({ kind: 'inspect', path });
    });
    return radio;
  }

  #name({ level }: LevelRow): string {
    return level === '' || level === 'unknown' ? this.ui.l10n.t('quants.unknown') : level;
  }

  #tags({ path, plan, sizeBytes }: LevelRow, { loaded, totalBytes }: RowContext): Child[] {
    const { l10n } = this.ui;
    // Where there is a plan it tells what does not fit.
    const tooBig = !plan && totalBytes > 0 && sizeBytes > totalBytes;
    return [
      path !== undefined && path === loaded
        ? element('span', { class: 'tag', text: l10n.t('quants.here') })
        : undefined,
      plan?.suggested === true
        ? element('span', { class: 'tag suggested', text: l10n.t('quants.suggested') })
        : undefined,
      tooBig ? element('span', { class: 'too-big small', text: l10n.t('quants.tooBig') }) : undefined,
    ];
  }

  #sizeCell({ sizeBytes }: LevelRow, { unit }: RowContext): HTMLElement {
    return element('td', { text: this.ui.l10n.fixed(sizeBytes / unit, unit === gib ? 1 : 0) });
  }

  #planCells(plan: QuantPlanView | undefined, onGpu: boolean): HTMLElement[] {
    const { l10n } = this.ui;
    if (plan && !plan.fits) {
      const text = l10n.t('quants.doesNotFit');
      return [element('td', { class: 'planned too-big', text, attributes: { colspan: onGpu ? '2' : '1' } })];
    }
    return [
      element('td', { class: 'on-gpu', text: plan ? l10n.number(plan.gpuLayers) : '–' }),
      element('td', { class: 'planned', text: plan ? rateText(l10n, plan.decode) : '–' }),
    ];
  }

  /** Percent; a gap where nobody published a figure. */
  #figureCell(percent: number | undefined, sign = ''): HTMLElement {
    const { l10n } = this.ui;
    if (percent !== undefined) {
      const text = `${sign}${l10n.fixed(percent, 1)} %`;
      return element('td', { class: 'planned' }, element('bdi', { text, attributes: { dir: 'ltr' } }));
    }
    return element(
      'td',
      { class: 'planned muted' },
      element('span', { text: '–', attributes: { 'aria-hidden': 'true' } }),
      element('span', { class: 'visually-hidden', text: l10n.t('quants.noFigure') }),
    );
  }
}
