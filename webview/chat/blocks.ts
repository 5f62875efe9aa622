import { parseBlocks, type Block, type References } from './markdown';

export interface BlockUpdate {
  /** True where the text is not a continuation: everything shown so far must go. */
  reset: boolean;
  /** Blocks that will not change any more, since the last update. */
  finished: Block[];
  /** The unfinished rest, which replaces the rest of the last update. */
  rest: Block[];
}

/**
 * Follows a Markdown text that grows at its end. Only the last block can still change, so that a long answer costs
 * no more a token than a short one.
 */
export class BlockStream {
  #text = '';
  /** Start of the unfinished rest in the text. */
  #done = 0;
  /** End of the lines that were searched for finished blocks. */
  #searched = 0;
  #references: References = {};

  /** Takes the whole text so far. `complete`: nothing will follow. */
  update(text: string, complete: boolean): BlockUpdate {
    const reset = !text.startsWith(this.#text);
    if (reset) {
      this.#done = 0;
      this.#searched = 0;
      this.#references = {};
    }
    this.#text = text;
    const finished = complete ? this.#take(text.length) : this.#finished();
    const rest = text.slice(this.#done);
    if (rest === '') return { reset, finished, rest: [] };
    // A definition in an unfinished line must not stay: the next piece may change it.
    return { reset, finished, rest: parseBlocks(closeInline(rest), { ...this.#references }) };
  }

  /** Whole lines decide: half a line can still turn into something else, e.g. `2` into the list item `2. …`. */
  #finished(): Block[] {
    const linesEnd = this.#text.lastIndexOf('\n') + 1;
    if (linesEnd <= this.#searched) return [];
    this.#searched = linesEnd;
    const lines = this.#text.slice(this.#done, linesEnd);
    const last = parseBlocks(lines, { ...this.#references }).at(-1);
    if (last === undefined || last.line === 0) return [];
    return this.#take(this.#done + offsetOfLine(lines, last.line));
  }

  #take(end: number): Block[] {
    const blocks = parseBlocks(this.#text.slice(this.#done, end), this.#references);
    this.#done = end;
    return blocks;
  }
}

/**
 * Ends emphasis and inline code that the last line leaves open, and hides the start of a closing fence, so that the
 * marks do not flicker while a text streams in.
 */
export function closeInline(text: string): string {
  const start = text.lastIndexOf('\n') + 1;
  const line = text.slice(start);
  if (/^ {0,3}(?:`{1,2}|~{1,2})$/.test(line)) return text.slice(0, start);
  if (inFence(text)) return text;
  if (/^ {0,3}(?:`{3}|~{3})/.test(line)) return text;
  if (count(line, /`/g) % 2 === 1) return line.endsWith('`') ? text.slice(0, -1) : `${text}\``;
  const outside = line.replace(/`[^`]*`/g, '');
  if (count(outside, /\*\*/g) % 2 === 0) return text;
  if (line.endsWith('**')) return text.slice(0, -2);
  // One star of the closing two has come already.
  return line.endsWith('*') ? `${text}*` : `${text.trimEnd()}**`;
}

function inFence(text: string): boolean {
  let fence: string | undefined;
  for (const line of text.split('\n')) {
    const mark = /^\s*(?:>\s*)*(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark === undefined) continue;
    if (fence === undefined) fence = mark;
    else if (mark[0] === fence[0] && mark.length >= fence.length) fence = undefined;
  }
  return fence !== undefined;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function offsetOfLine(text: string, line: number): number {
  let offset = 0;
  for (let index = 0; index < line; index++) offset = text.indexOf('\n', offset) + 1;
  return offset;
}
