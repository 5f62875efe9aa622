import createMarkdownIt, { type Env, type MarkdownIt, type Token } from 'markdown-it';

/** A fenced or indented block of code. */
export interface CodeContent {
  /** First word of the fence's info string; '' where there is none. */
  language: string;
  code: string;
}

/** A part of a Markdown text. `html` is all of it, not sanitised: two parts of the same HTML look the same. */
export type Block =
  | { kind: 'element'; html: string; tag: string; attributes: Record<string, string>; children: Block[] }
  /** Text with marks in it. */
  | { kind: 'inline'; html: string }
  | { kind: 'code'; html: string; content: CodeContent };

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

/** The web, or a file: a path without a scheme, or a name and a line such as `queue.ts:12`. */
export const allowedLink = /^(?:https?:|mailto:|(?![a-z][a-z\d+.-]*:)|[\w./-]*\.\w+:\d+$)/i;

function createParser(): MarkdownIt {
  const parser = createMarkdownIt({ html: false, linkify: true, breaks: false });
  // Only addresses with a scheme: `README.md` and `main.rs` are files here, not sites.
  parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  parser.validateLink = (url) => allowedLink.test(url.trim());
  // No picture is ever fetched: what the model writes as one stays a link.
  parser.disable('image');
  return parser;
}

const parser = createParser();
const escape = (text: string): string => parser.utils.escapeHtml(text);

/** Splits `text` into its top-level blocks. Link definitions in it are added to `references`. */
export function parseBlocks(text: string, references: References): ParsedBlock[] {
  const env = { references };
  const tokens = parser.parse(text, env);
  const blocks: ParsedBlock[] = [];
  for (let start = 0; start < tokens.length;) {
    const first = tokens[start];
    if (first === undefined) break;
    const end = endOf(tokens, start);
    const [line, endLine] = first.map ?? [0, 0];
    const [block] = blocksOf(tokens.slice(start, end), env);
    if (block !== undefined) blocks.push({ block, line, endLine });
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

function blocksOf(tokens: readonly Token[], env: Env): Block[] {
  const blocks: Block[] = [];
  for (let start = 0; start < tokens.length;) {
    const token = tokens[start];
    if (token === undefined) break;
    const end = endOf(tokens, start);
    const inside = tokens.slice(start + 1, end - 1);
    if (token.type === 'inline') {
      const html = parser.renderer.renderInline(token.children ?? [], parser.options, env);
      if (html !== '') blocks.push({ kind: 'inline', html });
    } else if (token.type === 'fence' || token.type === 'code_block') {
      blocks.push(codeBlock(token));
    } else if (token.hidden) {
      // The paragraph of a tight list's item shows only what is in it.
      blocks.push(...blocksOf(inside, env));
    } else {
      blocks.push(elementBlock(token, blocksOf(inside, env)));
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
