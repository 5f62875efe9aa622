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
