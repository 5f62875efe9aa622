/** What a screen reader hears of an answer while it streams: whole sentences, without marks and without code. */

/** Plain words of a Markdown text. Code blocks, also unfinished ones, are left out. */
export function plainWords(markdown: string): string {
  return markdown
    .replace(/^ *(`{3,}|~{3,})[^\n]*(?:\n(?:[\s\S]*?\n)? *\1[^\n]*(?=\n|$)|[\s\S]*$)/gm, '\n')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^\s*(?:#{1,6}|>|[-*+]|\d+[.)])\s+/gm, '')
    .replace(/[*_`~|]+/g, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/\s*\n\s*/g, '\n')
    .trim();
}

/** The whole sentences of `words` after `from`, and where they end. */
export function nextSentences(words: string, from: number): { text: string; end: number } {
  const rest = words.slice(from);
  const ends = [...rest.matchAll(/[.!?:؟。！？…](?=\s)|\n/g)];
  const last = ends.at(-1);
  if (last === undefined) return { text: '', end: from };
  const length = last.index + last[0].length;
  return { text: rest.slice(0, length).trim(), end: from + length };
}
