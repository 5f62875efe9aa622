import type { PlanPlaceView } from '../../src/protocol/webview';
import { element, setText } from '../dom';
import { partNames, sharesOf, type MemoryShares, type PartName } from './memoryParts';
import { gibText, type Ui } from './ui';

export interface MemoryBarState {
  place: PlanPlaceView;
  /** What the place is, e.g. the card's name. */
  name: string;
  /** Where its figures come from, as a tooltip. */
  source: string;
  rest: 'other' | 'used';
  /** What the KV cache holds, e.g. "2 × 8,192 tokens"; undefined where nothing is planned. */
  context: string | undefined;
}

interface Part {
  segment: HTMLElement;
  entry: HTMLElement;
  label: HTMLElement;
  figure: HTMLElement;
}

/** One place of memory: a stacked bar, and the same as a list of figures. */
export class MemoryBar {
  readonly element: HTMLElement;
  /** Holds the bar; a mark on it is a child of this. */
  readonly frame: HTMLElement;
  readonly head: HTMLElement;
  readonly #name = element('bdi', { class: 'place-name muted' });
  readonly #figure = element('bdi', { class: 'place-figure number' });
  readonly #over = element('div', { class: 'over', attributes: { 'aria-hidden': 'true' } });
  readonly #parts: ReadonlyMap<PartName, Part>;

  constructor(
    private readonly ui: Ui,
    place: 'vram' | 'ram',
  ) {
    const title = ui.l10n.t(`memory.${place}`);
    this.#parts = new Map(partNames.map((name) => [name, this.#part(name)]));
    const parts = [...this.#parts.values()];
    this.head = element(
      'div',
      { class: 'place-head' },
      element('b', { class: 'place-title', text: title }),
      this.#name,
      this.#figure,
    );
    this.frame = element(
      'div',
      { class: 'bar-frame' },
      element(
        'div',
        { class: 'bar', attributes: { 'aria-hidden': 'true' } },
        ...parts.map(({ segment }) => segment),
      ),
      this.#over,
    );
    this.element = element(
      'div',
      { class: 'place', attributes: { 'data-place': place } },
      this.head,
      this.frame,
      element(
        'ul',
        { class: 'parts number', label: ui.l10n.t('memory.parts', { place: title }) },
        ...parts.map(({ entry }) => entry),
      ),
    );
  }

  /** Returns how the bar is divided, for what is to stand on it. */
  update({ place, name, source, rest, context }: MemoryBarState): MemoryShares {
    const { l10n } = this.ui;
    const shares = sharesOf(place, rest);
    const shown = new Map(shares.parts.map((part) => [part.name, part]));
    for (const [partName, { segment, entry, figure }] of this.#parts) {
      const part = shown.get(partName);
      segment.hidden = entry.hidden = part === undefined;
      if (!part) continue;
      segment.style.inlineSize = `${part.share * 100}%`;
      setText(figure, gibText(l10n, part.bytes));
    }
    this.#tellContext(context);
    this.#over.hidden = shares.end >= 1;
    this.#over.style.insetInlineStart = `${shares.end * 100}%`;
    setText(this.#name, name);
    this.#name.title = name;
    this.head.title = source;
    const total = `${gibText(l10n, place.totalBytes)} GiB`;
    const over = shares.end < 1;
    setText(
      this.#figure,
      over ? l10n.t('memory.of', { used: gibText(l10n, shares.usedBytes), total }) : total,
    );
    this.#figure.classList.toggle('too-much', over);
    return shares;
  }

  #tellContext(context: string | undefined): void {
    const kv = this.#parts.get('kv');
    if (!kv) return;
    const name = this.ui.l10n.t('part.kv');
    const text = context === undefined ? name : this.ui.l10n.t('part.kvOf', { name, context });
    setText(kv.label, text);
    kv.segment.title = text;
  }

  #part(name: PartName): Part {
    const label = element('span', { text: this.ui.l10n.t(`part.${name}`) });
    const figure = element('span', { class: 'muted' });
    const swatch = element('i', { class: `swatch part-${name}`, attributes: { 'aria-hidden': 'true' } });
    return {
      segment: element('i', { class: `segment part-${name}`, title: this.ui.l10n.t(`part.${name}`) }),
      entry: element('li', {}, swatch, label, ' ', figure),
      label,
      figure,
    };
  }
}
