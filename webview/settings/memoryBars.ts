import type { HardwareView, PlanView } from '../../src/protocol/webview';
import { element, setText } from '../dom';
import { Budget } from './budget';
import { MemoryBar } from './memoryBar';
import { ramInUse, vramInUse } from './memoryParts';
import { contextText } from './planWords';
import type { Ui } from './ui';

export interface MemoryState {
  plan: PlanView | undefined;
  /** Whether llama.cpp's own arithmetic is still to come. */
  checking: boolean;
  hardware: HardwareView;
  /** GiB; null: automatic. */
  vramBudget: number | null;
  invalid: boolean;
  disabled: boolean;
}

/** What goes where: the plan beside other programs, or what is in use while nothing is planned. */
export class MemoryBars {
  readonly element: HTMLElement;
  readonly #vram: MemoryBar;
  readonly #ram: MemoryBar;
  readonly #budget: Budget;
  readonly #note = element('p', { class: 'muted small note' });

  constructor(private readonly ui: Ui) {
    this.#vram = new MemoryBar(ui, 'vram');
    this.#ram = new MemoryBar(ui, 'ram');
    this.#budget = new Budget(ui);
    this.#vram.head.append(this.#budget.controls);
    this.#vram.frame.append(this.#budget.mark);
    this.element = element(
      'section',
      { class: 'memory' },
      element('h2', { text: ui.l10n.t('memory.title') }),
      this.#vram.element,
      this.#ram.element,
      this.#note,
    );
  }

  update(state: MemoryState): void {
    const { plan, hardware } = state;
    const { l10n } = this.ui;
    const rest = plan ? 'other' : 'used';
    const context = plan && contextText(l10n, plan);
    this.#updateVram(state);
    this.#ram.update({
      place: plan?.ram ?? ramInUse(hardware),
      name: '',
      source: l10n.t('memory.measured'),
      rest,
      context,
    });
    setText(this.#note, this.#noteText(state));
  }

  #updateVram({ plan, hardware, vramBudget, invalid, disabled }: MemoryState): void {
    const { l10n } = this.ui;
    // A plan without VRAM is one for the CPU alone.
    const place = plan ? plan.vram : vramInUse(hardware);
    this.#vram.element.hidden = place === undefined;
    if (!place) return;
    const sources = [...new Set(hardware.gpus.map(({ source }) => this.#source(source)))];
    const { scaleBytes } = this.#vram.update({
      place,
      name: place.name,
      source: l10n.t('memory.measuredBy', { source: sources.join(', ') }),
      rest: plan ? 'other' : 'used',
      context: plan && contextText(l10n, plan),
    });
    this.#budget.update({
      value: vramBudget,
      effectiveBytes: plan?.vram?.budgetBytes ?? place.totalBytes - place.otherBytes,
      totalBytes: place.totalBytes,
      ...{ scaleBytes, invalid, disabled },
    });
  }

  #source(source: string): string {
    if (source === 'engine') return this.ui.l10n.t('memory.engine');
    return source === 'sysfs' ? '/sys/class/drm' : source;
  }

  #noteText({ plan, checking, hardware }: MemoryState): string {
    const { l10n } = this.ui;
    const noGpu = hardware.gpus.length === 0 ? `${l10n.t('memory.noGpu')} ` : '';
    if (!plan) return `${noGpu}${l10n.t('memory.noteUse')}`;
    if (checking) return `${noGpu}${l10n.t('memory.noteChecking')}`;
    return `${noGpu}${l10n.t(plan.simulated ? 'memory.noteSimulated' : 'memory.noteFormulas')}`;
  }
}
