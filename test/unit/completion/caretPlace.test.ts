import { describe, expect, it } from 'vitest';
import { caretPlace } from '../../../src/completion/caretPlace';

/** A text with the caret at "|". */
function at(text: string) {
  const caret = text.indexOf('|');
  return caretPlace(text.slice(0, caret), text.slice(caret + 1));
}

describe('caretPlace', () => {
  it.each([
    ['at the end of a statement', 'const a = 1;\nconst b = |\nconst c = 3;\n', 'line'],
    ['before what the editor closed by itself', 'call(first, |);\n', 'line'],
    ['in the middle of a line', 'if (| && b) {\n', 'line'],
    ['on a blank line after a statement', 'const a = 1;\n|\nconst c = 3;\n', 'line'],
    ['between braces on one line', 'if (a) {|}\n', 'line'],
    ['on the blank line of a body', 'function add(a, b) {\n  |\n}\n', 'block'],
    ['behind a brace', 'for (const a of b) {|\n}\n', 'block'],
    ['behind a colon', 'def add(a, b):|\n', 'block'],
    ['below a comment', '# Adds both.\n|\n', 'block'],
    ['below a documentation comment', '/** Adds both. */\n|', 'block'],
    ['below the beginning of a branch', 'if [ -f a ]; then\n  |\nfi\n', 'block'],
    ['inside a word', 'con|st a = 1;\n', 'none'],
    ['in an empty file', '|', 'none'],
    ['in a file of white space', '\n  |\n\n', 'none'],
  ])('%s', (_name, text, expected) => {
    expect(at(text)).toBe(expected);
  });
});
