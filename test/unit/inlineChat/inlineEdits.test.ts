import { describe, expect, it } from 'vitest';
import { inlineEdits } from '../../../src/inlineChat/inlineEdits';

const text = 'function f() {\n  const a = 1;\n\n  return a;\n}\n';
const proposals = (answer: string, start: number, end = start, original = text) =>
  inlineEdits(answer, [
    { uri: 'file:///f.js', path: 'f.js', languageId: 'javascript', text: original, lines: { start, end } },
  ]).changes.map(({ proposed }) => proposed);

describe('what an answer in the editor changes', () => {
  it('is what it puts in place of the selection', () => {
    expect(proposals('```js\n  const a = 2;\n```', 1)).toEqual([text.replace('a = 1', 'a = 2')]);
  });

  it('goes to the empty line that was asked about, as deep as what is next to it', () => {
    const added = ['function f() {\n  const a = 1;\n  if (a) {\n    log(a);\n  }\n  return a;\n}\n'];
    expect(proposals('Here:\n```js\nif (a) {\n    log(a);\n}\n```', 2)[0]?.split('\n')[2]).toBe('  if (a) {');
    expect(proposals('```js\nif (a) {\n  log(a);\n}\n```', 2)).toEqual(added);
    expect(proposals('```js\n  if (a) {\n    log(a);\n  }\n```', 2)).toEqual(added);
  });

  it('keeps the line ends of the file', () => {
    const windows = text.replaceAll('\n', '\r\n');
    expect(proposals('```js\nlog(a);\n```', 2, 2, windows)).toEqual([
      windows.replace('1;\r\n\r\n', '1;\r\n  log(a);\r\n'),
    ]);
  });

  it('is nothing where the answer is in words, and where code has no certain place', () => {
    expect(proposals('It returns `a`, which is 1.', 2)).toEqual([]);
    expect(proposals('It returns 1.', 0, 4)).toEqual([]);
    expect(proposals('```js\nnothing.like(this);\n```', 0, 4)).toEqual([]);
  });
});
