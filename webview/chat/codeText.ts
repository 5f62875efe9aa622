import { element } from '../dom';
import { highlight } from './highlight';
import type { CodeContent } from './markdown';

/** Lines that are set apart at once, and how many of them must have come for that. */
const chunkLines = 20;
const waitLines = 30;
/** Past so many characters, lines are coloured by themselves also where a comment or string crosses their edge. */
const mostTogether = 3000;
/** For how long lines are coloured in one go. Milliseconds. */
const colourFor = 4;

/**
 * The coloured text of a code block. Its lines are set apart in chunks, so that neither colouring nor layout gets
 * slower with its length; a chunk that ends within a comment or string is joined to the next. What is there at once
 * is coloured when it is first laid out, and what is long in the pauses between frames.
 */
export class CodeText {
  #tail = element('span', { class: 'lines' });
  readonly element = element('code', {}, this.#tail);
  #language = '';
  /** What stands on the page. */
  #shown = '';
  /** Start of the tail in it. */
  #fixed = 0;
  #open = false;
  /** Chunks that are still to be coloured. */
  #waiting: HTMLElement[] = [];
  /** The chunk before them, where it ends within a comment or string. */
  #unclean: HTMLElement | undefined;
  #laidOut = false;
  #idle = false;
  #nextTail = 0;

  constructor() {
    const observer = new ResizeObserver(() => {
      observer.disconnect();
      this.#laidOut = true;
      this.#colour();
    });
    observer.observe(this.element);
  }

  /** `open`: more will follow. */
  update({ code, language }: CodeContent, open: boolean): void {
    if (code === this.#shown && language === this.#language && open === this.#open) return;
    const grown = this.#open && language === this.#language && code.startsWith(this.#shown);
    if (!grown) this.#restart(language);
    this.#tail.append(code.slice(this.#shown.length));
    this.#shown = code;
    this.#open = open;
    this.#setApart();
    if (!open) this.#waiting.push(this.#tail);
    if (this.#laidOut && !this.#idle) this.#colour();
  }

  #restart(language: string): void {
    this.#language = language;
    this.#shown = '';
    this.#fixed = 0;
    this.#waiting = [];
    this.#unclean = undefined;
    this.#tail = element('span', { class: 'lines' });
    this.element.replaceChildren(this.#tail);
  }

  #setApart(): void {
    const start = this.#fixed;
    for (;;) {
      const rest = this.#shown.slice(this.#fixed);
      if (lineStart(rest, waitLines) === undefined) break;
      const end = lineStart(rest, chunkLines) ?? rest.length;
      const chunk = element('span', { class: 'lines', text: rest.slice(0, end) });
      this.#tail.before(chunk);
      this.#waiting.push(chunk);
      this.#fixed += end;
    }
    if (this.#fixed === start) return;
    this.#tail.textContent = this.#shown.slice(this.#fixed);
    this.#nextTail = 0;
  }

  #colour(): void {
    const began = performance.now();
    for (;;) {
      const chunk = this.#waiting.shift();
      if (chunk === undefined) break;
      this.#colourChunk(chunk);
      if (performance.now() - began > colourFor) break;
    }
    if (this.#waiting.length > 0) this.#colourLater();
    else if (this.#open && began >= this.#nextTail) this.#colourTail(began);
  }

  #colourLater(): void {
    this.#idle = true;
    requestIdleCallback(() => {
      this.#idle = false;
      this.#colour();
    });
  }

  #colourChunk(chunk: HTMLElement): void {
    const text = (this.#unclean?.textContent ?? '') + chunk.textContent;
    const coloured = highlight(text, this.#language);
    this.#unclean?.remove();
    chunk.replaceChildren(coloured?.nodes ?? text);
    const goesOn = coloured?.clean === false && text.length < mostTogether;
    this.#unclean = goesOn ? chunk : undefined;
  }

  /** Until its lines are set apart, at most a tenth of the time goes into its colours. */
  #colourTail(now: number): void {
    const text = this.#shown.slice(this.#fixed);
    this.#tail.replaceChildren(highlight(text, this.#language)?.nodes ?? text);
    this.#nextTail = now + 10 * (performance.now() - now);
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
