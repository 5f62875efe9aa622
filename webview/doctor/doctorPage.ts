import type { DoctorCommand, DoctorEvent, DoctorSnapshot } from '../../src/protocol/doctor';
import { button, type ButtonElement } from '../components';
import { element, quietButton, setText } from '../dom';
import type { Host } from '../host';
import type { L10n } from '../l10n';
import { ChecksTable } from './checksTable';
import { Findings } from './findings';
import { parseDoctorEvent } from './parse';
import { Steps } from './steps';
import type { DoctorKey, Ui } from './ui';

/** The page: a view of the newest snapshot. */
export class DoctorPage {
  readonly #steps: Steps;
  readonly #checks: ChecksTable;
  readonly #findings: Findings;
  readonly #run: ButtonElement;
  readonly #cancel: ButtonElement;
  readonly #report: HTMLElement;
  readonly #summary = quietButton({ class: 'summary', onClick: () => this.#findings.show() });
  readonly #copied = element('span', { class: 'muted', attributes: { role: 'status' } });
  readonly #voice = element('div', { class: 'visually-hidden', attributes: { 'aria-live': 'polite' } });
  readonly #main: HTMLElement;
  #running = false;

  constructor(
    private readonly host: Host<DoctorCommand>,
    private readonly l10n: L10n<DoctorKey>,
    root: HTMLElement,
  ) {
    const ui: Ui = { l10n, post: (command) => host.post(command) };
    this.#steps = new Steps(ui);
    this.#checks = new ChecksTable(ui);
    this.#findings = new Findings(ui);
    this.#run = button({ onClick: () => host.post({ kind: 'run' }) }, l10n.t('run.again'));
    this.#cancel = button({ onClick: () => this.#cancelRun() }, l10n.t('run.cancel'));
    this.#report = this.#reportSection();
    this.#main = element(
      'main',
      {},
      element(
        'header',
        {},
        element('h1', { text: l10n.t('head.title') }),
        element('p', { class: 'muted', text: l10n.t('head.lead') }),
      ),
      element('div', { class: 'progress' }, this.#steps.element, this.#run, this.#cancel),
      this.#summary,
      this.#checks.element,
      this.#findings.element,
      this.#report,
      this.#voice,
    );
    // Nothing to show before the first snapshot; the editor's own background stands meanwhile.
    this.#main.hidden = true;
    root.append(this.#main);
  }

  start(): void {
    this.host.subscribe(parseDoctorEvent, (event) => this.#receive(event));
    this.host.post({ kind: 'ready' });
  }

  #receive(event: DoctorEvent): void {
    if (event.kind === 'copied') setText(this.#copied, this.l10n.t('report.copied'));
    else this.#render(event);
  }

  #render({ running, steps, checks, findings }: DoctorSnapshot): void {
    const ended = this.#running && !running;
    this.#running = running;
    this.#main.hidden = false;
    this.#steps.update(steps);
    this.#checks.update(checks);
    this.#findings.update(findings);
    const count = findings?.length ?? 0;
    // What the person came for is below the table.
    this.#summary.hidden = count === 0;
    setText(this.#summary, this.l10n.t('findings.count', { count }));
    this.#run.hidden = running;
    this.#cancel.hidden = !running;
    if (!running) this.#cancel.disabled = false;
    this.#report.hidden = findings === undefined;
    if (running) setText(this.#copied, '');
    if (ended) setText(this.#voice, this.l10n.t('run.done'));
  }

  #cancelRun(): void {
    this.#cancel.disabled = true;
    setText(this.#voice, this.l10n.t('run.cancelling'));
    this.host.post({ kind: 'cancel' });
  }

  #reportSection(): HTMLElement {
    const { host, l10n } = this;
    return element(
      'section',
      { class: 'report' },
      element('h2', { text: l10n.t('report.title') }),
      element('p', { class: 'muted', text: l10n.t('report.text') }),
      element(
        'div',
        { class: 'actions' },
        button({ onClick: () => host.post({ kind: 'copyReport' }) }, l10n.t('report.copy')),
        button({ onClick: () => host.post({ kind: 'saveReport' }) }, l10n.t('report.save')),
        this.#copied,
      ),
    );
  }
}
