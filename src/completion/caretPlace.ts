/** What a ghost text may be where the caret is. */
export type CaretPlace = 'none' | 'line' | 'block';

/** What an editor closes by itself, and what ends a statement: a suggestion may stand before it. */
const onlyClosers = /^[\s)\]}>"'`;,:]*$/;
/** After these a body follows. */
const opens = /(?:[{([:]|=>|->|\b(?:then|do|else|begin|try|finally|loop))\s*$/;
const comment = /^\s*(?:\/\/|#|--|\/\*|\*|<!--|"""|''')/;

/** Of texts whose lines end with "\n". */
export function caretPlace(before: string, after: string): CaretPlace {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const rest = after.slice(0, lineEnd(after));
  if (before.trim() === '' && after.trim() === '') return 'none';
  if (!onlyClosers.test(rest)) return /\w$/.test(line) && /^\w/.test(rest) ? 'none' : 'line';
  if (rest.trim() !== '') return 'line';
  if (line.trim() !== '') return opens.test(line) ? 'block' : 'line';
  const previous = lastLine(before);
  return previous === undefined || opens.test(previous) || comment.test(previous) ? 'block' : 'line';
}

function lineEnd(text: string): number {
  const end = text.indexOf('\n');
  return end === -1 ? text.length : end;
}

/** The last line that is not blank. */
function lastLine(text: string): string | undefined {
  return text.trimEnd().split('\n').at(-1) || undefined;
}
