import { element } from '../dom';
import { highlight } from './highlight';
import type { CodeContent } from './markdown';

/** Lines that are set apart at once, and how many of them must have come for that. */
const chunkLines = 20;
const waitLines = 30;

/**
 * The coloured text of a code block. While it grows, lines that are far enough up are coloured once and set apart as
 * a block of their own, so that neither colouring nor layout gets slower with its length. Colours may be wrong where
 * a comment or string crosses such an edge; the finished text is coloured as a whole.
 */
export class CodeText {
  readonly element = element('code');
  #tail: HTMLElement | undefined;
  #language = '';
  /** What stands on the page. */
  #shown = '';
  /** Length of the text that is set apart. */
  #fixed = 0;
  #nextColours = 0;
  #open = false;

  /** `open`: more will follow. */
  update({ code, language }: CodeContent, open: boolean): void {
    if (open && this.#open && code === this.#shown && language === this.#language) return;
    const grown = this.#open && language === this.#language && code.startsWith(this.#shown);
    const added = grown ? code.slice(this.#shown.length) : '';
    this.#language = language;
    this.#shown = code;
    this.#open = open;
    if (!open) {
      this.#tail = undefined;
      this.element.replaceChildren(highlight(code, language) ?? code);
      return;
    }
    if (!grown || this.#tail === undefined) this.#restart();
    const before = this.#fixed;
    this.#setApart();
    const now = performance.now();
    if (grown && before === this.#fixed && now < this.#nextColours) {
      this.#tail?.append(added);
      return;
    }
    const rest = code.slice(this.#fixed);
    this.#tail?.replaceChildren(highlight(rest, language) ?? rest);
    // At most a tenth of the time goes into colours.
    this.#nextColours = now + 10 * (performance.now() - now);
  }

  #restart(): void {
    this.#fixed = 0;
    this.#tail = element('span', { class: 'lines' });
    this.element.replaceChildren(this.#tail);
  }

  #setApart(): void {
    for (;;) {
      const rest = this.#shown.slice(this.#fixed);
      if (lineStart(rest, waitLines) === undefined) return;
      const end = lineStart(rest, chunkLines) ?? rest.length;
      const lines = rest.slice(0, end);
      const chunk = element('span', { class: 'lines' });
      chunk.append(highlight(lines, this.#language) ?? lines);
      this.#tail?.before(chunk);
      this.#fixed += end;
    }
  }
}

/** Where line `index` (from 0) starts, or undefined where there are not as many. */
function lineStart(text: string, index: number): number | undefined {
  let start = 0;
  for (let line = 0; line < index; line++) {
    start = text.indexOf('\n', start) + 1;
    if (start === 0) return undefined;
  }
  return start;
}
