const closerOf: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const closers = new Set(Object.values(closerOf));

export interface Brackets {
  /** What would close the brackets that are open at the end, the innermost last. */
  open: string[];
  /** Closing ones that nothing in the text opened, in their order. */
  unopened: string[];
  /** Where they stand. */
  unopenedAt: number[];
}

/** Brackets of a piece of code, those in strings of one line and after `//` left out: any language, roughly. */
export function brackets(text: string): Brackets {
  const found: Brackets = { open: [], unopened: [], unopenedAt: [] };
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '"' || character === "'" || character === '`') at = stringEnd(text, at);
    else if (character === '/' && text[at + 1] === '/') at = lineEnd(text, at);
    else if (closerOf[character] !== undefined) found.open.push(closerOf[character]);
    else if (closers.has(character)) {
      if (found.open.at(-1) === character) found.open.pop();
      // One of another kind: what is open inside was no bracket, or is broken.
      else if (found.open.includes(character)) found.open.length = found.open.lastIndexOf(character);
      else {
        found.unopened.push(character);
        found.unopenedAt.push(at);
      }
    }
  }
  return found;
}

/** Of a string that ends on its line; else the quote stands alone: an apostrophe, a lifetime. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === text[start]) return at;
  }
  return start;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}
