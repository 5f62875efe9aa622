import { mentionName, mentionsIn, typedTrigger } from '../../src/protocol/mentions';
import type { ComposerOffer } from '../../src/protocol/webview';
import { replaceBeforeCaret, textBeforeCaret, type TextAreaElement } from '../components';
import { element } from '../dom';
import { icon } from './icons';
import type { Ui } from './ui';

/** Completes names in the input: context after "@", prompts after a "/" at the beginning. */
export class Completion {
  readonly element: HTMLElement;
  readonly #ui: Ui;
  readonly #area: TextAreaElement;
  readonly #onChange: () => void;
  #request = 0;
  #typed = '';
  #offers: readonly ComposerOffer[] = [];
  #active = 0;

  /** @param onChange the text has changed by a choice */
  constructor(ui: Ui, area: TextAreaElement, onChange: () => void) {
    this.#ui = ui;
    this.#area = area;
    this.#onChange = onChange;
    const label = ui.l10n.t('offer.list');
    this.element = element('ul', { class: 'completion', label, attributes: { role: 'listbox' } });
    this.element.hidden = true;
    // The field keeps the focus.
    this.element.addEventListener('mousedown', (event) => event.preventDefault());
    area.addEventListener('keydown', (event) => this.#key(event));
    area.addEventListener('input', (event) => {
      if (event instanceof InputEvent && event.data === ' ') this.#takeWritten();
      this.#ask();
    });
    area.addEventListener('click', () => this.#ask());
    area.addEventListener('focusout', () => this.close());
  }

  /** Shows what completes the text, if that was not changed since it was asked for. */
  show(request: number, offers: readonly ComposerOffer[]): void {
    if (request !== this.#request || this.#typed === '') return;
    this.#offers = offers;
    this.#active = 0;
    this.element.hidden = offers.length === 0;
    this.element.replaceChildren(...offers.map((offer, index) => this.#row(offer, index)));
    this.element.scrollTop = 0;
    if (offers.length > 0) this.#speak();
  }

  close(): void {
    this.#request++;
    this.#typed = '';
    this.#offers = [];
    this.element.hidden = true;
  }

  #ask(): void {
    const before = textBeforeCaret(this.#area);
    const typed = before === undefined ? '' : typedTrigger(before);
    if (typed === '') {
      this.close();
    } else if (typed !== this.#typed) {
      this.#typed = typed;
      this.#ui.post({ kind: 'complete', request: ++this.#request, typed });
    }
  }

  #key(event: KeyboardEvent): void {
    if (this.element.hidden || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const { length } = this.#offers;
    switch (event.key) {
      case 'ArrowDown':
        this.#move((this.#active + 1) % length);
        break;
      case 'ArrowUp':
        this.#move((this.#active + length - 1) % length);
        break;
      case 'Enter':
      case 'Tab':
        if (event.shiftKey) return;
        this.#take(this.#offers[this.#active]);
        break;
      case 'Escape':
        this.close();
        break;
      case 'ArrowLeft':
      case 'ArrowRight':
      case 'Home':
      case 'End':
        // The caret leaves what was typed.
        this.close();
        return;
      default:
        return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #move(index: number): void {
    const rows = [...this.element.children];
    rows[this.#active]?.setAttribute('aria-selected', 'false');
    rows[index]?.setAttribute('aria-selected', 'true');
    rows[index]?.scrollIntoView({ block: 'nearest' });
    this.#active = index;
    this.#speak();
  }

  /** The field is in a tree of its own, where it cannot name the active line: the page's voice does. */
  #speak(): void {
    const offer = this.#offers[this.#active];
    if (offer === undefined) return;
    const { label, detail } = offer;
    const place = { index: this.#active + 1, count: this.#offers.length };
    this.#ui.announce(this.#ui.l10n.t('offer.spoken', { label, detail, ...place }));
  }

  #take(offer: ComposerOffer | undefined): void {
    if (offer === undefined) return;
    const { insert } = offer;
    const { length } = this.#typed;
    if (insert.endsWith(':')) {
      replaceBeforeCaret(this.#area, length, insert);
      this.#ask();
    } else if (insert.startsWith('@')) {
      this.#attach(insert, length);
    } else {
      replaceBeforeCaret(this.#area, length, `${insert} `);
      this.close();
    }
    this.#onChange();
  }

  /** A name that was written out in full becomes a chip as one that was chosen does. */
  #takeWritten(): void {
    const before = textBeforeCaret(this.#area)?.slice(0, -1) ?? '';
    const last = mentionsIn(before).at(-1);
    if (last?.end !== before.length) return;
    this.#attach(before.slice(last.start), before.length + 1 - last.start);
    this.#onChange();
  }

  /** The chip says what it is; a sentence that began already keeps the bare name. */
  #attach(mention: string, length: number): void {
    this.#ui.post({ kind: 'mention', text: mention });
    const before = textBeforeCaret(this.#area)?.slice(0, -length) ?? '';
    const [named] = mentionsIn(mention);
    const name = named === undefined || before.trim() === '' ? '' : `${mentionName(named)} `;
    replaceBeforeCaret(this.#area, length, name);
    this.close();
  }

  #row(offer: ComposerOffer, index: number): HTMLElement {
    const { label, detail, kind } = offer;
    return element(
      'li',
      {
        class: 'completion-row',
        title: detail === '' ? label : `${label} — ${detail}`,
        attributes: { role: 'option', 'aria-selected': String(index === 0) },
        onClick: () => this.#take(offer),
      },
      icon(kind),
      element('bdi', { class: 'completion-label', text: label }),
      detail === '' ? undefined : element('bdi', { class: 'completion-detail muted small', text: detail }),
    );
  }
}
