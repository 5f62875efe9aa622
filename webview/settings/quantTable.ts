import type { HardwareView, ModelFileView } from '../../src/protocol/webview';
import { element, setText } from '../dom';
import { bytesText, gib, mib, type Ui } from './ui';

export interface QuantTableState {
  quants: readonly ModelFileView[];
  chosen: string;
  loaded: string | undefined;
  hardware: HardwareView;
  disabled: boolean;
}

/** The files of the same model at hand, one of which is chosen. */
export class QuantTable {
  readonly element: HTMLElement;
  readonly #body = element('tbody');
  readonly #size: HTMLElement;
  #shown = '';

  constructor(private readonly ui: Ui) {
    const { l10n } = ui;
    const column = (text: string) => element('th', { text, attributes: { scope: 'col' } });
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
          element('tr', {}, column(l10n.t('quants.level')), column(l10n.t('quants.layers')), this.#size),
        ),
        this.#body,
      ),
      element('p', { class: 'muted small note', text: l10n.t('quants.note') }),
    );
  }

  update(state: QuantTableState): void {
    this.element.hidden = state.quants.length === 0;
    const { totalBytes, ...shown } = { ...state, totalBytes: memoryOf(state.hardware), hardware: undefined };
    const now = JSON.stringify([shown, totalBytes]);
    if (now === this.#shown) return;
    this.#shown = now;
    // One unit for all, in the column's head.
    const unit = state.quants.every((file) => file.sizeBytes >= gib) ? gib : mib;
    setText(this.#size, this.ui.l10n.t('quants.size', { unit: unit === gib ? 'GiB' : 'MiB' }));
    const focused = document.activeElement?.closest('tr')?.dataset['path'];
    this.#body.replaceChildren(...state.quants.map((file) => this.#row(file, state, totalBytes, unit)));
    if (focused === undefined) return;
    for (const row of this.#body.rows) {
      if (row.dataset['path'] === focused) row.querySelector('input')?.focus();
    }
  }

  #row(
    file: ModelFileView,
    { chosen, loaded, disabled }: QuantTableState,
    totalBytes: number,
    unit: number,
  ): HTMLElement {
    const { l10n } = this.ui;
    const level = file.quant === '' || file.quant === 'unknown' ? l10n.t('quants.unknown') : file.quant;
    const size = bytesText(l10n, file.sizeBytes);
    const radio = element('input', {
      class: 'visually-hidden',
      label: l10n.t('quants.choose', { level, size }),
      attributes: { type: 'radio', name: 'quant', value: file.path },
    });
    radio.checked = file.path === chosen;
    radio.disabled = disabled;
    const choose = () => {
      if (!disabled && file.path !== chosen) this.ui.post({ kind: 'inspect', path: file.path });
    };
    radio.addEventListener('change', choose);
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
        element('bdi', { class: 'level', text: level }),
        file.path === loaded ? element('span', { class: 'tag', text: l10n.t('quants.here') }) : undefined,
        totalBytes > 0 && file.sizeBytes > totalBytes
          ? element('span', { class: 'too-big small', text: l10n.t('quants.tooBig') })
          : undefined,
      ),
      element('td', { text: l10n.number(file.totalLayers) }),
      element('td', { text: l10n.number(file.sizeBytes / unit, unit === gib ? 1 : 0) }),
    );
  }
}

/** RAM and VRAM of this machine, in bytes; 0 where they are not known. */
function memoryOf({ gpus, ramTotalBytes }: HardwareView): number {
  return gpus.reduce((sum, gpu) => sum + gpu.totalBytes, ramTotalBytes);
}
