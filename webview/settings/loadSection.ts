import {
  flashAttentionChoices,
  kvCacheTypes,
  type FlashAttention,
  type KvCacheType,
} from '../../src/protocol/engine';
import type { EngineView, HardwareView, ModelFileView, PlanView } from '../../src/protocol/webview';
import { checkbox, type CheckboxElement } from '../components';
import { element, setText } from '../dom';
import { ChoiceRow } from './choiceRow';
import type { Values } from './draft';
import { fromLogStep, limitsFor, rowNames, toLogStep, type NumberName, type RowName } from './limits';
import { NumberRow, type Scale } from './numberRow';
import type { Ui } from './ui';

export interface LoadSectionState {
  values: Values;
  file: ModelFileView | undefined;
  plan: PlanView | undefined;
  engine: EngineView;
  hardware: HardwareView;
  /** Name of a number that cannot be used. */
  invalid: NumberName | undefined;
  disabled: boolean;
}

const linear: Scale = {
  steps: (limits) => limits,
  toStep: (value) => value,
  fromStep: (step) => step,
};
const doubling: Scale = {
  steps: () => ({ min: 0, max: 100 }),
  toStep: toLogStep,
  fromStep: fromLogStep,
};

/** How the file is to be loaded: all values that a person may set. */
export class LoadSection {
  readonly element: HTMLElement;
  readonly #rows: Readonly<Record<RowName, NumberRow>>;
  readonly #kvCacheType: ChoiceRow<KvCacheType>;
  readonly #flashAttention: ChoiceRow<FlashAttention>;
  readonly #checks: Readonly<Record<'mmap' | 'mlock' | 'perModel', CheckboxElement>>;
  readonly #perModelHint = element('div', { class: 'hint muted small' });

  constructor(private readonly ui: Ui) {
    const { l10n } = ui;
    this.#rows = {
      gpuLayers: new NumberRow(ui, 'gpuLayers', linear),
      contextSize: new NumberRow(ui, 'contextSize', doubling),
      threads: new NumberRow(ui, 'threads'),
      batchSize: new NumberRow(ui, 'batchSize'),
      sequences: new NumberRow(ui, 'sequences'),
    };
    this.#kvCacheType = new ChoiceRow(
      ui,
      {
        name: 'kvCacheType',
        automatic: true,
        choices: kvCacheTypes.map((value) => ({ value, label: value, hint: `hint.kvCacheType.${value}` })),
      },
      (kvCacheType) => ui.edit({ kvCacheType }),
    );
    this.#flashAttention = new ChoiceRow(
      ui,
      {
        name: 'flashAttention',
        // Its choices have one of that name.
        automatic: false,
        choices: flashAttentionChoices.map((value) => ({
          value,
          label: l10n.t(`option.${value}`),
          hint: `hint.flashAttention.${value}`,
        })),
      },
      (flashAttention) => ui.edit({ flashAttention: flashAttention ?? 'auto' }),
    );
    this.#checks = {
      mmap: this.#check('mmap'),
      mlock: this.#check('mlock'),
      perModel: this.#check('perModel'),
    };
    const { gpuLayers, contextSize, threads, batchSize, sequences } = this.#rows;
    this.element = element(
      'section',
      { class: 'load' },
      element('h2', { text: l10n.t('load.title') }),
      ...[
        ...[gpuLayers, contextSize, this.#kvCacheType, sequences],
        ...[this.#flashAttention, threads, batchSize],
      ].map((row) => row.element),
      element('p', { class: 'legend muted small', text: l10n.t('load.legend') }),
      element('div', { class: 'checks' }, this.#checks.mmap, this.#checks.mlock),
      element('div', { class: 'scope' }, this.#checks.perModel, this.#perModelHint),
    );
  }

  update(state: LoadSectionState): void {
    const { values, file, plan, invalid, disabled } = state;
    for (const name of rowNames) {
      this.#rows[name].update({
        value: values[name],
        limits: limitsFor(name, file),
        effective: effectiveValue(name, state),
        solved: plan !== undefined,
        hint: this.#hint(name, state),
        invalid: invalid === name,
        disabled,
      });
    }
    const solved = plan !== undefined;
    const kvCacheType = plan?.kvCacheType ?? 'f16';
    this.#kvCacheType.update({ value: values.kvCacheType, effective: kvCacheType, solved, disabled });
    this.#updateFlashAttention(state);
    for (const name of ['mmap', 'mlock', 'perModel'] as const) {
      const check = this.#checks[name];
      if (check.checked !== values[name]) check.checked = values[name];
      check.disabled = disabled;
    }
    setText(this.#perModelHint, this.ui.l10n.t(values.perModel ? 'check.perModelOn' : 'check.perModelOff'));
  }

  /** Here "automatic" is a choice among the others, so that what the plan makes of it stands beside it. */
  #updateFlashAttention({ values, plan, disabled }: LoadSectionState): void {
    const { flashAttention } = values;
    const value = flashAttention === 'auto' ? null : flashAttention;
    this.#flashAttention.update({ value, effective: 'auto', solved: plan !== undefined, disabled });
  }

  #check(name: 'mmap' | 'mlock' | 'perModel'): CheckboxElement {
    const node = checkbox({ id: name }, this.ui.l10n.t(`check.${name}`));
    // Setting `checked` from a snapshot fires `change` as well: what equals the value changes nothing.
    node.addEventListener('change', () => this.ui.edit({ [name]: node.checked }));
    return node;
  }

  #hint(name: RowName, state: LoadSectionState): string {
    const { file, hardware, values } = state;
    const { l10n } = this.ui;
    switch (name) {
      case 'gpuLayers':
        if ((values.gpuLayers ?? effectiveValue(name, state)) === 0) return l10n.t('hint.gpuLayersNone');
        return file ? l10n.t('hint.gpuLayers', { total: file.totalLayers }) : '';
      case 'contextSize':
        return file ? l10n.t('hint.contextSize', { most: l10n.number(file.trainContextSize) }) : '';
      case 'threads':
        if (hardware.physicalCores === undefined) return '';
        return l10n.t('hint.threads', { cores: hardware.physicalCores });
      case 'batchSize':
        return l10n.t('hint.batchSize');
      case 'sequences':
        return l10n.t('hint.sequences', { count: values.sequences ?? effectiveValue(name, state) ?? 1 });
    }
  }
}

/** What an automatic value comes to: as planned, else as loaded, else as far as it can be foretold. */
function effectiveValue(name: RowName, state: LoadSectionState): number | undefined {
  const { file, plan, engine, hardware } = state;
  if (plan) return plan[name];
  if (engine.model && engine.model.path === file?.path) return engine.model[name];
  switch (name) {
    case 'contextSize':
      return file && file.trainContextSize > 0 ? Math.min(8192, file.trainContextSize) : undefined;
    case 'threads':
      return hardware.physicalCores && Math.max(1, hardware.physicalCores - 1);
    case 'gpuLayers':
      return hardware.gpus.length === 0 ? 0 : undefined;
    case 'batchSize':
    case 'sequences':
      return undefined;
  }
}
