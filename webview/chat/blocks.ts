import { closeInline } from './closeInline';
import { lastBlock, parseBlocks, type Block, type InlineCache, type References } from './markdown';

export interface BlockUpdate {
  /** True where what was finished does not stand any more: `finished` then begins with the first block of the text. */
  reset: boolean;
  /** Blocks that will not change any more, since the last update. */
  finished: Block[];
  /** The unfinished rest, which replaces the rest of the last update. */
  rest: Block[];
}

/**
 * Follows a Markdown text that grows at its end. Only the last block can still change, so that a long answer costs
 * no more a token than a short one. What is finished once the text is complete is what the whole text parses into.
 */
export class BlockStream {
  #text = '';
  /** Start of the unfinished rest in the text. */
  #done = 0;
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
    const rest = text.slice(this.#done);
    if (rest === '') return { reset, finished, rest: [] };
    // A definition in an unfinished line must not stay: the next piece may change it.
    const references = { ...this.#references };
    const blocks = parseBlocks(closeInline(rest), references, this.#inline);
    if (countOf(references) > countOf(this.#references)) this.#inline.clear();
    return { reset, finished, rest: blocks.map(({ block }) => block) };
  }

  #restart(): void {
    this.#done = 0;
    this.#searched = 0;
    this.#references = {};
    this.#known = undefined;
  }

  /** Whole lines decide: half a line can still turn into something else, e.g. `2` into the list item `2. …`. */
  #finished(): Block[] {
    const linesEnd = this.#text.lastIndexOf('\n') + 1;
    if (linesEnd <= this.#searched) return [];
    this.#searched = linesEnd;
    const lines = this.#text.slice(this.#done, linesEnd);
    const last = lastBlock(lines, this.#references);
    if (last === undefined || last.line === 0) return [];
    const start = offsetOfLine(lines, last.line);
    // Behind a definition: its title may still go on in the next line.
    if (!last.follows && !/(?:^|[\r\n])[ \t]*\r?\n$/.test(lines.slice(0, start))) return [];
    return this.#take(this.#done + start);
  }

  #take(end: number): Block[] {
    const blocks = parseBlocks(this.#text.slice(this.#done, end), this.#references);
    this.#done = end;
    this.#inline.clear();
    if (blocks.length > 0) this.#known ??= countOf(this.#references);
    return blocks.map(({ block }) => block);
  }
}

function countOf(references: References): number {
  return Object.keys(references).length;
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
