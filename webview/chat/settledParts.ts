import type { Token } from 'markdown-it';
import { elementOf, type Block, type ElementBlock } from './markdown';

/** The last item of a list, or the last row of a table: those before it do not change any more. */
export interface LastPart {
  /** Its first line, from 0. */
  line: number;
  /** A beginning of the block, behind which its parts are parsed without those before them. */
  head: string;
}

/** `tokens`: those of one top-level block. `lines`: its text, from its first line on. */
export function lastPart(tokens: readonly Token[], lines: string): LastPart | undefined {
  const [block, first] = tokens;
  if (block?.type === 'table_open') {
    const last = tokens.findLast(({ type }) => type === 'tr_open');
    if (!last?.map) return undefined;
    return { line: last.map[0], head: /^(?:.*(?:\r\n?|\n)){2}/.exec(lines)?.[0] ?? '' };
  }
  if (first?.type !== 'list_item_open') return undefined;
  const last = tokens.findLast(({ type, level }) => type === first.type && level === first.level);
  if (!last?.map) return undefined;
  // Indented so far that no later item, itself indented by three at most, is taken for a part of it.
  return { line: last.map[0], head: `${first.info}${first.markup}    x\n` };
}

/** Parts of an unfinished list or table that are shown as they are, while only what follows them is parsed. */
export class SettledParts {
  /** What stands for them where that is parsed; '' while there are none. */
  head = '';
  #parts: Block[] = [];

  /** Takes all parts but the last of `block`, which was parsed behind the head. False where that cannot be done yet. */
  settle(block: Block, { head }: LastPart): boolean {
    if (block.kind !== 'element') return false;
    const isTable = block.tag === 'table';
    // Without any text nothing tells whether the list is loose.
    if (!isTable && !block.children.some((item) => isLoose(item) || isTight(item))) return false;
    this.#parts = this.#with(block).slice(0, -1);
    this.head = block.children.some(isLoose) ? `${head}\n` : head;
    return true;
  }

  /** The whole block, where `block` was parsed behind the head. */
  join(block: Block): Block {
    if (this.head === '' || block.kind !== 'element') return block;
    const parts = this.#with(block);
    if (block.tag !== 'table') return elementOf(block.tag, block.attributes, parts);
    const [head, body] = block.children;
    if (head === undefined || body?.kind !== 'element') return block;
    return elementOf(block.tag, block.attributes, [head, elementOf(body.tag, body.attributes, parts)]);
  }

  #with(block: ElementBlock): Block[] {
    if (block.tag === 'table') {
      const body = block.children[1];
      return [...this.#parts, ...(body?.kind === 'element' ? body.children : [])];
    }
    const items = [...this.#parts, ...block.children.slice(this.head === '' ? 0 : 1)];
    // One loose item makes all of a list loose.
    return block.children.some(isLoose) ? items.map(loosened) : items;
  }
}

/** An item whose texts are paragraphs. */
function isLoose(item: Block): boolean {
  return (
    item.kind === 'element' && item.children.some((child) => child.kind === 'element' && child.tag === 'p')
  );
}

/** An item whose texts stand by themselves. */
function isTight(item: Block): boolean {
  return item.kind === 'element' && item.children.some(({ kind }) => kind === 'inline');
}

function loosened(item: Block): Block {
  if (item.kind !== 'element' || !isTight(item)) return item;
  const children = item.children.map((child) =>
    child.kind === 'inline' ? elementOf('p', {}, [child]) : child,
  );
  return elementOf(item.tag, item.attributes, children);
}
