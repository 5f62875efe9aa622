/** How a language writes comments. At least one of `line` and `block` is there. */
export interface CommentStyle {
  /** What starts a comment that ends with its line. */
  readonly line?: string;
  /** What starts and ends a comment over several lines. */
  readonly block?: readonly [start: string, end: string];
  /** How documentation is written, as a model knows it by name; absent where there is no such form. */
  readonly documentation?: string;
  /** Documentation stands below the head of what it describes, not above. */
  readonly documentationInside?: true;
}

const slashes = { line: '//', block: ['/*', '*/'] } as const;
const jsDoc: CommentStyle = { ...slashes, documentation: 'JSDoc' };
const doxygen: CommentStyle = { ...slashes, documentation: 'Doxygen comments (/** … */)' };
const angles: CommentStyle = { block: ['<!--', '-->'] };
const braces: CommentStyle = { block: ['/*', '*/'] };

/** By the editor's language id. */
const styles: Readonly<Record<string, CommentStyle>> = {
  typescript: { ...slashes, documentation: 'TSDoc' },
  typescriptreact: { ...slashes, documentation: 'TSDoc' },
  javascript: jsDoc,
  javascriptreact: jsDoc,
  python: { line: '#', documentation: 'docstrings (PEP 257)', documentationInside: true },
  go: { ...slashes, documentation: 'Go doc comments, which begin with the name' },
  rust: { ...slashes, documentation: 'rustdoc comments (///)' },
  java: { ...slashes, documentation: 'Javadoc' },
  c: doxygen,
  cpp: doxygen,
  csharp: { ...slashes, documentation: 'XML documentation comments (///)' },
  php: { ...slashes, documentation: 'PHPDoc' },
  ruby: { line: '#', block: ['=begin', '=end'], documentation: 'YARD comments' },
  shellscript: { line: '#' },
  sql: { line: '--', block: ['/*', '*/'] },
  html: angles,
  xml: angles,
  markdown: angles,
  css: braces,
  scss: slashes,
  less: slashes,
  json: slashes,
  jsonc: slashes,
  yaml: { line: '#' },
  toml: { line: '#' },
  makefile: { line: '#' },
  dockerfile: { line: '#' },
  kotlin: { ...slashes, documentation: 'KDoc' },
  swift: { ...slashes, documentation: 'Swift documentation comments (///)' },
  lua: { line: '--' },
};

/** Of languages that are not known here: slashes, as most of them have. */
export function commentStyle(languageId: string): CommentStyle {
  return styles[languageId] ?? slashes;
}
