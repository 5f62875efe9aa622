import { element } from '../dom';
import { BlockStream } from './blocks';
import { CodeBlock } from './codeBlock';
import type { Block } from './markdown';
import { sanitize } from './sanitize';
import type { Ui } from './ui';

/** Shows a Markdown text that may still grow. Only its unfinished end is rendered again. */
export class MarkdownView {
  readonly element = element('div', { class: 'markdown' });
  readonly #ui: Ui;
  readonly #blocks = new BlockStream();
  /** Nodes of the unfinished rest. */
  #rest: ChildNode[] = [];
  /** The code block that the rest consists of, kept while it grows. */
  #openCode: CodeBlock | undefined;
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
    if (reset) this.element.replaceChildren();
    const open = this.#openCode;
    this.#openCode = undefined;
    for (const node of this.#rest) if (node !== open?.element) node.remove();
    this.#rest = [];

    // The code block that was open goes on as the first of the new blocks.
    const all = [...finished, ...rest];
    const [first] = all;
    const goesOn = open !== undefined && !reset && first?.code !== undefined;
    if (!goesOn) open?.element.remove();
    all.forEach((block, index) => {
      const unfinished = index >= finished.length;
      const kept = index === 0 && goesOn ? open : undefined;
      const nodes = this.#render(block, unfinished, kept);
      if (kept === undefined) this.element.append(...nodes);
      if (unfinished) this.#rest.push(...nodes);
    });
  }

  #render(block: Block, unfinished: boolean, kept: CodeBlock | undefined): ChildNode[] {
    if (block.code !== undefined) {
      const code = kept ?? new CodeBlock(this.#ui);
      code.update(block.code, unfinished);
      if (unfinished) this.#openCode = code;
      return [code.element];
    }
    const fragment = sanitize(block.html);
    for (const pre of fragment.querySelectorAll('pre')) {
      const code = new CodeBlock(this.#ui);
      const content = { language: pre.dataset['language'] ?? '', code: pre.textContent };
      code.update(content, unfinished);
      pre.replaceWith(code.element);
    }
    for (const table of fragment.querySelectorAll('table')) {
      const scroller = element('div', { class: 'table', attributes: { tabindex: '0' } });
      table.replaceWith(scroller);
      scroller.append(table);
    }
    // Each block reads in the direction of its own first words, its marks and insets included.
    for (const child of fragment.children) if (child.className !== 'code') child.setAttribute('dir', 'auto');
    return [...fragment.childNodes];
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
