import type { DoctorStepView } from '../../src/protocol/doctor';
import { element, setText } from '../dom';
import type { Ui } from './ui';

interface Row {
  item: HTMLElement;
  mark: HTMLElement;
  state: HTMLElement;
  note: HTMLElement;
  track: HTMLElement;
  fill: HTMLElement;
}

const marks: Record<DoctorStepView['state'], string> = { waiting: '', running: '', done: '✓', leftOut: '–' };

/** What is being done, step by step. */
export class Steps {
  readonly element: HTMLElement = element('ol', { class: 'steps' });
  readonly #rows = new Map<DoctorStepView['id'], Row>();

  constructor(private readonly ui: Ui) {}

  update(steps: readonly DoctorStepView[]): void {
    for (const step of steps) this.#updateRow(this.#rows.get(step.id) ?? this.#add(step.id), step);
  }

  #add(id: DoctorStepView['id']): Row {
    const { l10n } = this.ui;
    const fill = element('div', { class: 'fill' });
    const label = l10n.t(`step.${id}`);
    const row: Row = {
      mark: element('span', { class: 'mark', attributes: { 'aria-hidden': 'true' } }),
      state: element('span', { class: 'visually-hidden' }),
      note: element('span', { class: 'muted number', attributes: { dir: 'auto' } }),
      track: element('div', { class: 'track', label, attributes: { role: 'progressbar' } }, fill),
      fill,
      item: element('li'),
    };
    row.item.append(row.mark, element('span', { text: label }), row.state, row.note, row.track);
    this.#rows.set(id, row);
    this.element.append(row.item);
    return row;
  }

  #updateRow(row: Row, { id, state, fraction, reason }: DoctorStepView): void {
    const { l10n } = this.ui;
    row.item.className = state;
    setText(row.mark, marks[state]);
    setText(row.state, l10n.t(`stepState.${state}`));
    const percent = Math.floor((fraction ?? 0) * 100);
    let note = '';
    if (state === 'running' && fraction !== undefined) note = l10n.t('step.percent', { percent });
    if (state === 'leftOut') note = reason ?? l10n.t(id === 'plan' ? 'step.noPlan' : 'stepState.leftOut');
    setText(row.note, note);
    row.track.hidden = state !== 'running';
    row.track.classList.toggle('endless', fraction === undefined);
    row.fill.style.inlineSize = fraction === undefined ? '' : `${percent}%`;
    if (fraction === undefined) row.track.removeAttribute('aria-valuenow');
    else row.track.setAttribute('aria-valuenow', String(percent));
  }
}
