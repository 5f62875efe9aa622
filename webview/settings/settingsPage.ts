import type { SettingsCommand, SettingsEvent, SettingsSnapshot } from '../../src/protocol/webview';
import { element } from '../dom';
import type { Host } from '../host';
import type { L10n } from '../l10n';
import { Advice } from './advice';
import {
  changedNames,
  currentFile,
  currentPlan,
  currentValues,
  formOf,
  withEdit,
  withInspected,
  withoutEdits,
  withSnapshot,
  type Draft,
} from './draft';
import { Footer } from './footer';
import { Header } from './header';
import { firstInvalid } from './limits';
import { LoadSection } from './loadSection';
import { MemoryBars } from './memoryBars';
import { ModelSection } from './modelSection';
import { parseSettingsEvent } from './parse';
import { PlanAsker } from './planAsker';
import { PlanSummary } from './planSummary';
import { QuantTable } from './quantTable';
import type { SettingsKey, Ui } from './ui';

/** The page: what is saved comes in snapshots, what is edited is kept here until it is applied. */
export class SettingsPage {
  readonly #ui: Ui;
  readonly #summary: PlanSummary;
  readonly #header: Header;
  readonly #memory: MemoryBars;
  readonly #model: ModelSection;
  readonly #load: LoadSection;
  readonly #quants: QuantTable;
  readonly #advice: Advice;
  readonly #footer: Footer;
  readonly #main: HTMLElement;
  readonly #asker: PlanAsker;
  readonly #voice = element('div', { class: 'visually-hidden', attributes: { 'aria-live': 'polite' } });
  #draft: Draft | undefined;
  #cancelled = false;
  /** A header was asked for and has not come yet. */
  #reading = false;

  constructor(
    private readonly host: Host<SettingsCommand>,
    private readonly l10n: L10n<SettingsKey>,
    root: HTMLElement,
  ) {
    this.#ui = {
      l10n,
      post: (command) => this.#post(command),
      edit: (edit) => this.#change((draft) => withEdit(draft, edit)),
    };
    this.#asker = new PlanAsker(
      (form) => host.post({ kind: 'plan', form }),
      (callback) => requestAnimationFrame(callback),
    );
    this.#summary = new PlanSummary(this.#ui);
    this.#header = new Header(this.#ui, this.#summary.element);
    this.#memory = new MemoryBars(this.#ui);
    this.#model = new ModelSection(this.#ui);
    this.#load = new LoadSection(this.#ui);
    this.#quants = new QuantTable(this.#ui);
    this.#advice = new Advice(this.#ui);
    this.#footer = new Footer(this.#ui, {
      apply: () => this.#apply(),
      undo: () => this.#change(withoutEdits),
      cancel: () => {
        this.#cancelled = true;
        host.post({ kind: 'cancelApply' });
      },
    });
    this.#main = element(
      'main',
      {},
      this.#header.element,
      this.#memory.element,
      this.#model.element,
      element(
        'div',
        { class: 'columns' },
        this.#load.element,
        element('div', { class: 'side' }, this.#quants.element, this.#advice.element),
      ),
      this.#footer.element,
      this.#voice,
    );
    // Nothing to show before the first snapshot; the editor's own background stands meanwhile.
    this.#main.hidden = true;
    root.append(this.#main);
  }

  start(): void {
    this.host.subscribe(parseSettingsEvent, (event) => this.#receive(event));
    this.host.post({ kind: 'ready' });
  }

  #receive(event: SettingsEvent): void {
    if (event.kind === 'snapshot') {
      this.#announce(this.#draft?.snapshot, event);
      // The extension sends the plan of what is saved along with the first one.
      if (!this.#draft) this.#asker.know(event.saved);
      this.#draft = withSnapshot(this.#draft, event);
    } else if (this.#draft && event.kind === 'planned') {
      this.#draft = { ...this.#draft, planned: event };
    } else if (this.#draft && event.kind === 'inspected') {
      this.#reading = false;
      this.#draft = withInspected(this.#draft, event);
    }
    this.#render();
  }

  #post(command: SettingsCommand): void {
    this.host.post(command);
    if (command.kind !== 'inspect') return;
    this.#reading = true;
    this.#render();
  }

  #change(change: (draft: Draft) => Draft): void {
    if (!this.#draft) return;
    this.#draft = change(this.#draft);
    this.#render();
  }

  #apply(): void {
    if (!this.#draft) return;
    this.#cancelled = false;
    this.host.post({ kind: 'apply', ...formOf(this.#draft) });
  }

  #render(): void {
    if (!this.#draft) return;
    const { snapshot } = this.#draft;
    const { engine, hardware, applying, calibrating, applyProblem } = snapshot;
    const values = currentValues(this.#draft);
    const { file, problem, quants } = currentFile(this.#draft);
    const planned = currentPlan(this.#draft);
    const plan = planned?.plan;
    const disabled = applying !== undefined || calibrating !== undefined;
    const invalid = firstInvalid(values, file);

    this.#main.hidden = false;
    this.#header.update(file, values.modelPath, engine, applyProblem !== undefined);
    this.#summary.update({
      plan,
      checking: planned?.checking === true,
      budgetSet: values.vramBudget !== null,
      calibrating,
      disabled,
    });
    const { vramBudget } = values;
    this.#memory.update({
      ...{ plan, hardware, vramBudget, disabled },
      checking: planned?.checking === true,
      invalid: invalid?.name === 'vramBudget',
    });
    this.#model.update({ path: values.modelPath, problem, reading: this.#reading, disabled });
    this.#load.update({ values, file, plan, engine, hardware, invalid: invalid?.name, disabled });
    this.#quants.update({
      ...{ quants, hardware, disabled },
      advice: planned?.quants,
      chosen: values.modelPath,
      loaded: engine.model?.path,
      onGpu: plan ? plan.vram !== undefined : hardware.gpus.length > 0,
    });
    this.#advice.update(plan?.advice ?? []);
    this.#footer.update({
      changes: changedNames(this.#draft),
      invalid:
        invalid &&
        this.l10n.t(invalid.name === 'vramBudget' ? 'limits.number' : 'limits.range', {
          name: this.l10n.t(`name.${invalid.name}`),
          min: invalid.limits.min,
          max: invalid.limits.max,
        }),
      canApply: file !== undefined && invalid === undefined && !this.#reading && !disabled,
      applying,
      problem: applyProblem,
    });
    // While a model loads the memory that a plan goes by changes at each moment.
    if (file && !invalid && !disabled) this.#asker.want(formOf(this.#draft).form);
  }

  /** How an Apply ended; a failure is an alert of its own. */
  #announce(before: SettingsSnapshot | undefined, now: SettingsSnapshot): void {
    if (!before?.applying || now.applying || now.applyProblem !== undefined) return;
    this.#voice.textContent = this.l10n.t(this.#cancelled ? 'say.cancelled' : 'say.applied');
  }
}
