import type { Token } from 'markdown-it';
import { isAllowedLink } from './markdown';

const marks = new Set(['em', 'strong', 's']);

/**
 * Makes nodes of a line of a model's answer. No HTML is parsed for it: what comes out can do nothing but be read and
 * clicked, whatever the model wrote.
 */
export function inlineNodes(tokens: readonly Token[]): ChildNode[] {
  const fragment = document.createDocumentFragment();
  const open: ParentNode[] = [fragment];
  const add = (node: Node | string): void => open.at(-1)?.append(node);
  for (const token of tokens) {
    if (token.nesting === 1) {
      const node = opened(token);
      add(node);
      open.push(node);
    } else if (token.nesting === -1) {
      if (open.length > 1) open.pop();
    } else if (token.type === 'hardbreak') {
      add(document.createElement('br'));
    } else if (token.type === 'code_inline') {
      const code = document.createElement('code');
      code.textContent = token.content;
      add(code);
    } else {
      add(token.type === 'softbreak' ? '\n' : token.content);
    }
  }
  fragment.normalize();
  return [...fragment.childNodes];
}

function opened(token: Token): HTMLElement {
  if (marks.has(token.tag)) return document.createElement(token.tag);
  const href = String(token.attrGet('href') ?? '');
  if (token.tag !== 'a' || !isAllowedLink(href)) return document.createElement('span');
  const anchor = document.createElement('a');
  anchor.setAttribute('href', href);
  const title = token.attrGet('title');
  if (title !== null) anchor.title = String(title);
  return anchor;
}
