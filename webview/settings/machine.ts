import type { HardwareView } from '../../src/protocol/webview';
import { element } from '../dom';
import { bytesText, type Ui } from './ui';

/** What this machine has and what of it is in use, with where each figure comes from. */
export class Machine {
  readonly element: HTMLElement;
  readonly #rows = element('div', { class: 'machine-rows' });
  readonly #foot = element('p', { class: 'muted small' });
  #shown = '';

  constructor(private readonly ui: Ui) {
    this.element = element(
      'section',
      { class: 'machine' },
      element('h2', { text: ui.l10n.t('machine.title') }),
      this.#rows,
      this.#foot,
    );
  }

  update(hardware: HardwareView): void {
    const now = JSON.stringify(hardware);
    if (now === this.#shown) return;
    this.#shown = now;
    const { l10n } = this.ui;
    const { gpus, ramTotalBytes, ramAvailableBytes, physicalCores } = hardware;
    this.#rows.replaceChildren(
      ...gpus.map((gpu) =>
        this.#row(
          gpu.name,
          l10n.t('machine.vram'),
          gpu.usedBytes,
          gpu.totalBytes,
          l10n.t('machine.measuredBy', {
            source: gpu.source === 'engine' ? l10n.t('machine.engine') : sourceName(gpu.source),
          }),
        ),
      ),
      this.#row(
        l10n.t('machine.ram'),
        physicalCores === undefined ? '' : l10n.t('machine.cores', { cores: physicalCores }),
        ramTotalBytes - ramAvailableBytes,
        ramTotalBytes,
        l10n.t('machine.measured'),
      ),
    );
    this.#foot.hidden = gpus.length > 0;
    this.#foot.textContent = l10n.t('machine.noGpu');
  }

  #row(name: string, what: string, used: number | undefined, total: number, source: string): HTMLElement {
    const { l10n } = this.ui;
    const figure =
      used === undefined
        ? l10n.t('machine.totalOnly', { total: bytesText(l10n, total) })
        : l10n.t('machine.used', { used: bytesText(l10n, used), total: bytesText(l10n, total) });
    const fill = element('div', { class: 'fill' });
    fill.style.inlineSize = `${total > 0 && used !== undefined ? Math.min(100, (used / total) * 100) : 0}%`;
    return element(
      'div',
      { class: 'machine-row' },
      element(
        'div',
        { class: 'machine-text' },
        element('bdi', { class: 'machine-name', text: name, title: name }),
        what === '' ? undefined : element('span', { class: 'muted', text: what }),
        element('span', { class: 'machine-figure number', text: figure }),
      ),
      element('div', { class: 'gauge', attributes: { 'aria-hidden': 'true' } }, fill),
      element('div', { class: 'muted small', text: source }),
    );
  }
}

function sourceName(source: string): string {
  return source === 'sysfs' ? '/sys/class/drm' : source;
}
