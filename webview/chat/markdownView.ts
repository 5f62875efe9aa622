import { element } from '../dom';
import { BlockStream } from './blocks';
import { showBlocks, type ShownBlock } from './shownBlocks';
import type { Ui } from './ui';

/** Shows a Markdown text that may still grow. Only what differs at its unfinished end is rendered again. */
export class MarkdownView {
  readonly element = element('div', { class: 'markdown' });
  readonly #ui: Ui;
  readonly #blocks = new BlockStream();
  #finished: ShownBlock[] = [];
  #rest: ShownBlock[] = [];
  #shown: { text: string; complete: boolean } = { text: '', complete: false };

  constructor(ui: Ui) {
    this.#ui = ui;
    this.element.addEventListener('click', (event) => this.#onClick(event));
  }

  /** Shows `text`. `complete`: nothing will follow. */
  update(text: string, complete: boolean): void {
    if (text === this.#shown.text && complete === this.#shown.complete) return;
    this.#shown = { text, complete };
    const { reset, finished, rest } = this.#blocks.update(text, complete);
    if (reset) {
      this.#rest = [...this.#finished, ...this.#rest];
      this.#finished = [];
    }
    const blocks = [...finished, ...rest];
    const shown = showBlocks(this.#ui, this.element, this.#rest, blocks, rest.length > 0);
    this.#finished.push(...shown.slice(0, finished.length));
    this.#rest = shown.slice(finished.length);
    // Each block reads in the direction of its own first words, its marks and insets included.
    for (const { block, nodes } of shown) {
      if (block.kind !== 'element') continue;
      // Set once: the browser styles and lays out all of a block anew each time.
      for (const node of nodes) if (node instanceof HTMLElement && node.dir === '') node.dir = 'auto';
    }
  }

  #onClick(event: MouseEvent): void {
    const anchor = event.target instanceof Element ? event.target.closest('a') : null;
    if (anchor === null) return;
    event.preventDefault();
    // The editor opens links of a page by itself, from the document: this one would be opened twice.
    event.stopPropagation();
    this.#ui.post({ kind: 'openLink', href: anchor.getAttribute('href') ?? '' });
  }
}
