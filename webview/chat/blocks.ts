import type { Token } from 'markdown-it';
import { closeInline } from './closeInline';
import { countOf, lastBlock, parseBlocks, type Block, type InlineCache, type References } from './markdown';
import { lastPart, SettledParts } from './settledParts';

export interface BlockUpdate {
  /** True where what was finished does not stand any more: `finished` then begins with the first block of the text. */
  reset: boolean;
  /** Blocks that will not change any more, since the last update. */
  finished: Block[];
  /** The unfinished rest, which replaces the rest of the last update. */
  rest: Block[];
}

/**
 * Follows a Markdown text that grows at its end. Only the last block can still change, and of a list or table only the
 * last item or row, so that a long answer costs no more a token than a short one. What is finished was parsed as a
 * whole; once the text is complete, it is what the whole text parses into.
 */
export class BlockStream {
  #text = '';
  /** Start of the unfinished rest in the text. */
  #done = 0;
  /** Start of what is parsed of the rest: behind the settled parts of a list or table. */
  #settled = 0;
  #parts = new SettledParts();
  /** End of the lines that were searched for finished blocks. */
  #searched = 0;
  #references: References = {};
  /** Of the rest: most of it is the same from piece to piece. */
  readonly #inline: InlineCache = new Map();
  /** How many link definitions the first of the finished blocks could know. */
  #known: number | undefined;

  /** Takes the whole text so far. `complete`: nothing will follow. */
  update(text: string, complete: boolean): BlockUpdate {
    const reset = !text.startsWith(this.#text);
    if (reset) this.#restart();
    this.#text = text;
    const finished = complete ? this.#take(text.length) : this.#finished();
    if (complete && this.#known !== undefined && countOf(this.#references) > this.#known) {
      // A definition at the end of a text makes links of what was finished long before.
      this.#restart();
      return { reset: true, finished: this.#take(text.length), rest: [] };
    }
    const rest = this.#parts.head + text.slice(this.#settled);
    if (rest === '') return { reset, finished, rest: [] };
    const [first, ...others] = this.#parse(closeInline(rest));
    return { reset, finished, rest: first === undefined ? [] : [this.#parts.join(first), ...others] };
  }

  #restart(): void {
    this.#startRest(0);
    this.#searched = 0;
    this.#references = {};
    this.#known = undefined;
  }

  #startRest(start: number): void {
    this.#done = start;
    this.#settled = start;
    this.#parts = new SettledParts();
    this.#inline.clear();
  }

  /** Whole lines decide: half a line can still turn into something else, e.g. `2` into the list item `2. …`. */
  #finished(): Block[] {
    const linesEnd = this.#text.lastIndexOf('\n') + 1;
    if (linesEnd <= this.#searched) return [];
    this.#searched = linesEnd;
    const { head } = this.#parts;
    const lines = head + this.#text.slice(this.#settled, linesEnd);
    const last = lastBlock(lines, this.#references);
    if (last === undefined) return [];
    if (last.line === 0) {
      this.#settle(lines, last.tokens);
      return [];
    }
    const start = offsetOfLine(lines, last.line);
    // Behind a definition: its title may still go on in the next line.
    if (!last.follows && !/(?:^|[\r\n])[ \t]*\r?\n$/.test(lines.slice(0, start))) return [];
    return this.#take(this.#settled - head.length + start);
  }

  /** `lines` are those of an unfinished block. */
  #settle(lines: string, tokens: readonly Token[]): void {
    const part = lastPart(tokens, lines);
    if (part === undefined) return;
    const { head } = this.#parts;
    const start = offsetOfLine(lines, part.line);
    const [block] = this.#parse(lines);
    if (block === undefined || start <= head.length) return;
    if (this.#parts.settle(block, part)) this.#settled += start - head.length;
  }

  #take(end: number): Block[] {
    const blocks = parseBlocks(this.#text.slice(this.#done, end), this.#references, this.#inline);
    this.#startRest(end);
    if (blocks.length > 0) this.#known ??= countOf(this.#references);
    return blocks.map(({ block }) => block);
  }

  /** Parses what may still change: a definition in it must not stay. */
  #parse(text: string): Block[] {
    const references = { ...this.#references };
    const blocks = parseBlocks(text, references, this.#inline);
    if (countOf(references) > countOf(this.#references)) this.#inline.clear();
    return blocks.map(({ block }) => block);
  }
}

/** Lines end as the parser ends them: with CR, LF or both. */
function offsetOfLine(text: string, line: number): number {
  const ends = text.matchAll(/\r\n?|\n/g);
  let offset = 0;
  for (let index = 0; index < line; index++) {
    const { value } = ends.next();
    if (value !== undefined) offset = value.index + value[0].length;
  }
  return offset;
}
