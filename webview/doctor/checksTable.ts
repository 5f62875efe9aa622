import { answerCheckIds, machineCheckIds, type CheckView } from '../../src/protocol/doctor';
import { element } from '../dom';
import type { DoctorKey, Ui } from './ui';

/** What was found, and how each figure is known. */
export class ChecksTable {
  readonly element: HTMLElement;
  readonly #bodies: { ids: readonly string[]; title: DoctorKey; body: HTMLElement }[] = [
    { ids: machineCheckIds, title: 'group.machine', body: element('tbody') },
    { ids: answerCheckIds, title: 'group.answer', body: element('tbody') },
  ];
  #shown = '';

  constructor(private readonly ui: Ui) {
    const { l10n } = ui;
    const head = (key: DoctorKey) => element('th', { text: l10n.t(key), attributes: { scope: 'col' } });
    this.element = element(
      'section',
      { class: 'checks' },
      element('h2', { text: l10n.t('checks.title') }),
      element(
        'table',
        {},
        element(
          'thead',
          {},
          element('tr', {}, head('checks.what'), head('checks.value'), head('checks.known')),
        ),
        ...this.#bodies.map(({ body }) => body),
      ),
    );
  }

  update(checks: readonly CheckView[]): void {
    this.element.hidden = checks.length === 0;
    const now = JSON.stringify(checks);
    if (now === this.#shown) return;
    this.#shown = now;
    for (const { ids, title, body } of this.#bodies) {
      const rows = checks.filter(({ id }) => ids.includes(id)).map((check) => this.#row(check));
      body.replaceChildren(...(rows.length > 0 ? [this.#groupRow(title), ...rows] : []));
    }
  }

  #groupRow(title: DoctorKey): HTMLElement {
    const attributes = { colspan: '3', scope: 'rowgroup' };
    return element('tr', { class: 'group' }, element('th', { text: this.ui.l10n.t(title), attributes }));
  }

  #row({ id, value, source, concern }: CheckView): HTMLElement {
    const { l10n } = this.ui;
    const known = l10n.t(`source.${source}`);
    return element(
      'tr',
      { class: concern ? 'concern' : '' },
      element('th', { text: l10n.t(`check.${id}`), attributes: { scope: 'row' } }),
      element(
        'td',
        { class: value === undefined ? 'muted' : 'number' },
        element(
          'div',
          { class: 'value' },
          element('bdi', { text: value ?? known }),
          concern ? element('span', { class: 'flag', text: l10n.t('checks.concern') }) : undefined,
        ),
      ),
      element('td', { class: 'muted', text: value === undefined ? '' : known }),
    );
  }
}
