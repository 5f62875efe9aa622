import { element, quietButton } from '../dom';
import { icon } from './icons';
import type { Ui } from './ui';

/** Pixels from the end that still count as being there. */
const nearEnd = 32;

/** The scrolling part of the page. It follows what is added at the end while the person is there, and only then. */
export class Scroller {
  /** Scrolls. */
  readonly element: HTMLElement;
  /** The button that leads back to the end; belongs beside `element`. */
  readonly jump: HTMLElement;
  #following = true;
  readonly #onScrolled: () => void;

  constructor(ui: Ui, content: HTMLElement, onScrolled: () => void) {
    this.#onScrolled = onScrolled;
    this.element = element('div', { class: 'scroller', attributes: { tabindex: '-1' } }, content);
    const label = ui.l10n.t('scroll.toEnd');
    this.jump = quietButton(
      { class: 'jump', label, title: label, onClick: () => this.toEnd() },
      icon('down'),
    );
    this.jump.hidden = true;
    this.element.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    // Also what grows by itself counts: a folded part opens, the window changes its size.
    const observer = new ResizeObserver(() => this.settle());
    observer.observe(content);
    observer.observe(this.element);
  }

  /** Top of what is seen, in pixels of the window. */
  get top(): number {
    return this.element.getBoundingClientRect().top;
  }

  get atEnd(): boolean {
    return this.#following;
  }

  /** Goes to the end and stays there. */
  toEnd(): void {
    this.#following = true;
    this.settle();
  }

  /** Leaves the end, and goes down by so many pixels. */
  by(pixels: number): void {
    this.#following = false;
    this.element.scrollTop += pixels;
  }

  /** Call when the content has changed: stays at the end where the person is there. */
  settle(): void {
    if (this.#following) this.element.scrollTop = this.element.scrollHeight;
    this.jump.hidden = this.#following;
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    this.#following = scrollHeight - scrollTop - clientHeight <= nearEnd;
    this.jump.hidden = this.#following;
    this.#onScrolled();
  }
}
