import createMarkdownIt, { type Env, type MarkdownIt, type Token } from 'markdown-it';

/** A fenced or indented block of code. */
export interface CodeContent {
  /** First word of the fence's info string; '' where there is none. */
  language: string;
  code: string;
}

/** A part of a Markdown text. `html` tells it apart: two parts of the same HTML look the same. It is never parsed. */
export type Block = ElementBlock | InlineBlock | { kind: 'code'; html: string; content: CodeContent };

export interface ElementBlock {
  kind: 'element';
  html: string;
  tag: string;
  attributes: Record<string, string>;
  children: Block[];
}

/** Text with marks in it. */
export interface InlineBlock {
  kind: 'inline';
  html: string;
  tokens: Token[];
}

/** Names of the link definitions seen so far, as markdown-it keeps them. */
export type References = NonNullable<Env['references']>;

/** A top-level block, and where it stands in the parsed text. */
export interface ParsedBlock {
  block: Block;
  /** First line of the block, from 0. */
  line: number;
  /** The line behind its last one. */
  endLine: number;
}

/** What was parsed of texts between blocks, by their source; holds as long as no link definition is added. */
export type InlineCache = Map<string, InlineBlock>;

/** The web, or a file: a path without a scheme, or a name and a line such as `queue.ts:12`. */
const allowedLink = /^(?:https?:|mailto:|(?![a-z][a-z\d+.-]*:)|[\w./-]*\.\w+:\d+$)/i;

/** Whether a link may be shown as one. */
export function isAllowedLink(address: string): boolean {
  return allowedLink.test(address.trim());
}

function createParser(): MarkdownIt {
  const parser = createMarkdownIt({ html: false, linkify: true, breaks: false });
  // Only addresses with a scheme: `README.md` and `main.rs` are files here, not sites.
  parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  parser.validateLink = isAllowedLink;
  // No picture is ever fetched: what the model writes as one stays a link.
  parser.disable('image');
  return parser;
}

const parser = createParser();
const escape = (text: string): string => parser.utils.escapeHtml(text);

/** Splits `text` into its top-level blocks. Link definitions in it are added to `references`. */
export function parseBlocks(
  text: string,
  references: References,
  cache: InlineCache = new Map(),
): ParsedBlock[] {
  const parse = (content: string): InlineBlock => {
    const known = cache.get(content);
    if (known !== undefined) return known;
    const tokens = parser.parseInline(content, { references })[0]?.children ?? [];
    const html = parser.renderer.render(tokens, parser.options, {});
    const block: InlineBlock = { kind: 'inline', html, tokens };
    cache.set(content, block);
    return block;
  };
  const known = countOf(references);
  const found = topLevel(text, references);
  // Texts that were parsed before may be links now.
  if (countOf(references) > known) cache.clear();
  return found.flatMap(({ tokens, line, endLine }) =>
    blocksOf(tokens, parse).map((block) => ({ block, line, endLine })),
  );
}

/** How many link definitions there are. */
export function countOf(references: References): number {
  return Object.keys(references).length;
}

export interface LastBlock {
  /** Its first line, from 0. */
  line: number;
  /** It follows the block before without a line between. */
  follows: boolean;
  tokens: Token[];
}

/** Where the last top-level block of `text` begins. */
export function lastBlock(text: string, references: References): LastBlock | undefined {
  const blocks = topLevel(text, { ...references });
  const last = blocks.at(-1);
  return last && { line: last.line, follows: blocks.at(-2)?.endLine === last.line, tokens: last.tokens };
}

interface TopLevelTokens {
  tokens: Token[];
  line: number;
  endLine: number;
}

function topLevel(text: string, references: References): TopLevelTokens[] {
  const tokens: Token[] = [];
  parser.block.parse(text.replace(/\r\n?/g, '\n').replace(/\0/g, '\uFFFD'), parser, { references }, tokens);
  const blocks: TopLevelTokens[] = [];
  for (let start = 0; start < tokens.length;) {
    const end = endOf(tokens, start);
    const [line, endLine] = tokens[start]?.map ?? [0, 0];
    blocks.push({ tokens: tokens.slice(start, end), line, endLine });
    start = end;
  }
  return blocks;
}

/** Index behind the last token of what begins at `start`. */
function endOf(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let index = start; index < tokens.length; index++) {
    depth += tokens[index]?.nesting ?? 0;
    if (depth === 0) return index + 1;
  }
  return tokens.length;
}

function blocksOf(tokens: readonly Token[], parse: (content: string) => InlineBlock): Block[] {
  const blocks: Block[] = [];
  for (let start = 0; start < tokens.length;) {
    const token = tokens[start];
    if (token === undefined) break;
    const end = endOf(tokens, start);
    const inside = tokens.slice(start + 1, end - 1);
    if (token.type === 'inline') {
      if (token.content !== '') blocks.push(parse(token.content));
    } else if (token.type === 'fence' || token.type === 'code_block') {
      blocks.push(codeBlock(token));
    } else if (token.hidden) {
      // The paragraph of a tight list's item shows only what is in it.
      blocks.push(...blocksOf(inside, parse));
    } else {
      blocks.push(elementBlock(token, blocksOf(inside, parse)));
    }
    start = end;
  }
  return blocks;
}

function elementBlock(token: Token, children: Block[]): Block {
  const { tag } = token;
  const start = token.attrGet('start');
  // Inline styles are refused by the page's policy; a column's alignment travels as an attribute.
  const align = /text-align:(\w+)/.exec(String(token.attrGet('style')))?.[1];
  const attributes = {
    ...(start !== null && { start: String(start) }),
    ...(align !== undefined && { 'data-align': align }),
  };
  return elementOf(tag, attributes, children);
}

export function elementOf(tag: string, attributes: Record<string, string>, children: Block[]): ElementBlock {
  const opening = Object.entries(attributes).map(([name, value]) => ` ${name}="${escape(value)}"`);
  const inside = children.map(({ html }) => html).join('');
  const html = `<${tag}${opening.join('')}>${inside}</${tag}>`;
  return { kind: 'element', html, tag, attributes, children };
}

function codeBlock(token: Token): Block {
  const content = {
    language: token.info.trim().split(/\s+/)[0] ?? '',
    code: token.content.replace(/\n$/, ''),
  };
  const { language, code } = content;
  const html = `<pre data-language="${escape(language)}"><code>${escape(code)}</code></pre>`;
  return { kind: 'code', html, content };
}
