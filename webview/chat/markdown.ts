import createMarkdownIt, { type Env, type MarkdownIt, type Token } from 'markdown-it';

/** A fenced or indented block of code. */
export interface CodeContent {
  /** First word of the fence's info string; '' where there is none. */
  language: string;
  code: string;
}

/** One top-level block of a Markdown text, rendered. */
export interface Block {
  /** Not sanitised yet. */
  html: string;
  /** Set where the whole block is code; `html` is then empty. */
  code: CodeContent | undefined;
}

/** Names of the link definitions seen so far, as markdown-it keeps them. */
export type References = NonNullable<Env['references']>;

export interface ParsedBlock extends Block {
  /** First line of the block in the parsed text, from 0. */
  line: number;
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
  const code = (tokens: Token[], index: number): string => {
    const { language, code: text } = codeOf(tokens[index]);
    const escape = parser.utils.escapeHtml;
    return `<pre data-language="${escape(language)}"><code>${escape(text)}</code></pre>\n`;
  };
  parser.renderer.rules['fence'] = code;
  parser.renderer.rules['code_block'] = code;
  for (const cell of ['th_open', 'td_open']) {
    // Inline styles are refused by the page's policy; the alignment travels as an attribute.
    parser.renderer.rules[cell] = (tokens, index) => {
      const align = /text-align:(\w+)/.exec(String(tokens[index]?.attrGet('style')))?.[1];
      return `<${cell.slice(0, 2)}${align === undefined ? '' : ` data-align="${align}"`}>`;
    };
  }
  return parser;
}

const parser = createParser();

/** Splits `text` into its top-level blocks. Link definitions in it are added to `references`. */
export function parseBlocks(text: string, references: References): ParsedBlock[] {
  const env = { references };
  const tokens = parser.parse(text, env);
  const blocks: ParsedBlock[] = [];
  for (let start = 0; start < tokens.length;) {
    const first = tokens[start];
    if (first === undefined) break;
    let end = start + 1;
    if (first.nesting === 1) {
      while (end < tokens.length && !(tokens[end]?.level === 0 && tokens[end]?.nesting === -1)) end++;
      end++;
    }
    const isCode = first.type === 'fence' || first.type === 'code_block';
    blocks.push({
      line: first.map?.[0] ?? 0,
      html: isCode ? '' : parser.renderer.render(tokens.slice(start, end), parser.options, env),
      code: isCode ? codeOf(first) : undefined,
    });
    start = end;
  }
  return blocks;
}

function codeOf(token: Token | undefined): CodeContent {
  const code = token?.content ?? '';
  return { language: token?.info.trim().split(/\s+/)[0] ?? '', code: code.replace(/\n$/, '') };
}
