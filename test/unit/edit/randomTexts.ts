import type { RangeEdit } from '../../../src/edit/lineEdit';

/** A small generator with a seed (mulberry32), so that a failure can be repeated. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// Few different lines, so that equal passages are frequent.
const lineTexts = ['a', 'b', 'return 1;', '{', '}', '', '  call();'];

/** A text, a proposal made from it, and what became of the text meanwhile. */
export function pick(random: () => number): { before: string; after: string; meanwhile: string } {
  const eol = random() < 0.5 ? '\n' : '\r\n';
  const lines = Array.from({ length: Math.floor(random() * 14) + 1 }, () => anyLine(random));
  if (random() < 0.6) lines.push('');
  return {
    before: lines.join(eol),
    after: mutated(lines, random).join(random() < 0.5 ? '\n' : '\r\n'),
    meanwhile: mutated(lines, random).join(eol),
  };
}

function mutated(lines: readonly string[], random: () => number): string[] {
  const result: string[] = [];
  for (const line of lines) {
    const dice = random();
    if (dice < 0.1) continue;
    if (dice < 0.2) result.push(anyLine(random));
    else if (dice < 0.3) result.push(line, anyLine(random));
    else result.push(line);
  }
  return result;
}

function anyLine(random: () => number): string {
  return lineTexts[Math.floor(random() * lineTexts.length)] ?? '';
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

/** Applies edits by position as the editor does: all positions are of the text before. */
export function applyRangeEdits(text: string, edits: readonly RangeEdit[]): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const starts = [0];
  for (let at = text.indexOf(eol); at >= 0; at = text.indexOf(eol, at + 1)) starts.push(at + eol.length);
  const offset = (line: number, character: number) => (starts[line] ?? text.length) + character;
  let result = text;
  for (const edit of [...edits].reverse()) {
    const start = offset(edit.startLine, edit.startCharacter);
    result = result.slice(0, start) + edit.text + result.slice(offset(edit.endLine, edit.endCharacter));
  }
  return result;
}
