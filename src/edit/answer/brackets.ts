const closers: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/**
 * Whether brackets open and close in pairs, roughly: those in strings and in comments of common forms do not count.
 * A text that the rough reading does not understand counts as unbalanced, so only a change from true to false tells.
 */
export function isBalanced(text: string): boolean {
  const bare = text.replace(
    /\\.|\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|(?<=^|\s)#[^\n]*/g,
    '',
  );
  const open: string[] = [];
  for (const character of bare) {
    if ('([{'.includes(character)) open.push(character);
    else if (character in closers && open.pop() !== closers[character]) return false;
  }
  return open.length === 0;
}
