import { element } from '../dom';
import { CodeBlock } from './codeBlock';
import type { Block } from './markdown';
import { inlineNodes } from './inlineNodes';
import type { Ui } from './ui';

/** A block on the page. */
export interface ShownBlock {
  block: Block;
  /** More may follow in it. */
  open: boolean;
  nodes: ChildNode[];
  /** Of an element: where its children are, and what they are. */
  inside?: { parent: HTMLElement; children: ShownBlock[] };
  code?: CodeBlock;
}

/**
 * Brings the end of `parent`, which shows `shown`, to `blocks`. Nodes whose block is the same stay as they are, and
 * with them a selection. `open`: more may follow in the last block.
 */
export function showBlocks(
  ui: Ui,
  parent: HTMLElement,
  shown: readonly ShownBlock[],
  blocks: readonly Block[],
  open: boolean,
): ShownBlock[] {
  for (const gone of shown.slice(blocks.length)) for (const node of gone.nodes) node.remove();
  return blocks.map((block, index) => {
    const before = shown[index];
    const isOpen = open && index === blocks.length - 1;
    if (before !== undefined && grow(ui, before, block, isOpen)) return before;
    const next = create(ui, block, isOpen);
    if (before === undefined) parent.append(...next.nodes);
    else {
      before.nodes[0]?.before(...next.nodes);
      for (const node of before.nodes) node.remove();
    }
    return next;
  });
}

/** Turns what is shown into `block` where its own nodes can stay. */
function grow(ui: Ui, shown: ShownBlock, block: Block, open: boolean): boolean {
  if (shown.block.html === block.html && shown.open === open) return true;
  if (block.kind === 'code' && shown.code !== undefined) {
    shown.code.update(block.content, open);
  } else if (block.kind === 'element' && shown.inside !== undefined && sameElement(shown.block, block)) {
    const { parent, children } = shown.inside;
    shown.inside.children = showBlocks(ui, parent, children, block.children, open);
  } else {
    return false;
  }
  shown.block = block;
  shown.open = open;
  return true;
}

function create(ui: Ui, block: Block, open: boolean): ShownBlock {
  if (block.kind === 'code') {
    const code = new CodeBlock(ui);
    code.update(block.content, open);
    return { block, open, code, nodes: [code.element] };
  }
  if (block.kind === 'inline') return { block, open, nodes: inlineNodes(block.tokens) };
  const parent = document.createElement(block.tag);
  for (const [name, value] of Object.entries(block.attributes)) parent.setAttribute(name, value);
  const children = showBlocks(ui, parent, [], block.children, open);
  const isTable = block.tag === 'table';
  const outer = isTable ? element('div', { class: 'table', attributes: { tabindex: '0' } }, parent) : parent;
  return { block, open, inside: { parent, children }, nodes: [outer] };
}

function sameElement(a: Block, b: Block): boolean {
  if (a.kind !== 'element' || b.kind !== 'element') return false;
  return a.tag === b.tag && JSON.stringify(a.attributes) === JSON.stringify(b.attributes);
}
