import { describe, expect, it } from 'vitest';
import { placeCode, type PlaceHints } from '../../../src/edit/placeCode';

const file = `import fs from 'fs';

/** Adds. */
export function add(a, b) {
  return a + b;
}

export class Queue {
  push(item) {
    this.items.push(item);
  }

  pop() {
    return this.items.pop();
  }
}
`;
const hints: PlaceHints = { selection: undefined, cursorLine: 1, symbols: [] };

describe('placeCode', () => {
  it('replaces selected lines, with their indent', () => {
    const selection = { startLine: 8, startCharacter: 0, endLine: 11, endCharacter: 0 };
    const placed = placeCode(file, 'push(item) {\n  this.items.unshift(item);\n}', { ...hints, selection });
    expect(placed.how).toBe('selection');
    expect(placed.proposed).toBe(file.replace('items.push', 'items.unshift'));
  });

  it('replaces a selected part of a line as it stands', () => {
    const selection = { startLine: 4, startCharacter: 9, endLine: 4, endCharacter: 14 };
    expect(placeCode(file, 'sum(a, b)\n', { ...hints, selection }).proposed).toBe(
      file.replace('a + b', 'sum(a, b)'),
    );
  });

  it('keeps the line end of a selection that starts within a line', () => {
    const selection = { startLine: 4, startCharacter: 9, endLine: 5, endCharacter: 0 };
    expect(placeCode(file, 'sum(a, b);', { ...hints, selection }).proposed).toBe(
      file.replace('a + b', 'sum(a, b)'),
    );
  });

  it('takes the whole file where the answer to a selection repeats all around it', () => {
    const whole = file.replace('a + b', 'b + a');
    const selection = { startLine: 4, startCharacter: 0, endLine: 4, endCharacter: 15 };
    expect(placeCode(file, whole, { ...hints, selection })).toEqual({ proposed: whole, how: 'wholeFile' });
  });

  it('replaces the function of the same name, and keeps its comment and its export', () => {
    const placed = placeCode(file, 'function add(a, b, c) {\n  return a + b + c;\n}\n', hints);
    expect(placed.how).toBe('symbol');
    expect(placed.proposed).toBe(
      file.replace('add(a, b) {\n  return a + b;', 'add(a, b, c) {\n  return a + b + c;'),
    );
  });

  it('replaces the comment too where the block brings one', () => {
    const { proposed } = placeCode(
      file,
      '/** Sums. */\nexport function add(a, b) {\n  return b + a;\n}',
      hints,
    );
    expect(proposed).toBe(file.replace('Adds', 'Sums').replace('a + b', 'b + a'));
  });

  it('replaces a method within its class, indented as there', () => {
    const { proposed, how } = placeCode(file, 'pop() {\n  return this.items.shift();\n}', hints);
    expect(how).toBe('symbol');
    expect(proposed).toBe(file.replace('items.pop', 'items.shift'));
  });

  it('brings along an import that is missing, and no second one that is there', () => {
    const code =
      "import fs from 'fs';\nimport path from 'path';\n\nfunction add(a, b) {\n  return path.join(a, b);\n}";
    expect(placeCode(file, code, hints).proposed).toBe(
      `import path from 'path';\n${file.replace('a + b', 'path.join(a, b)')}`,
    );
  });

  it('goes by the range that the editor knows, where there is one', () => {
    const text = 'const add = wrap(\n(a) => a\n);\nnext();\n';
    const symbols = [{ name: 'add', startLine: 0, endLine: 2 }];
    expect(placeCode(text, 'const add = 1;', { ...hints, symbols }).proposed).toBe(
      'const add = 1;\nnext();\n',
    );
  });

  it('does not guess which of two functions of one name is meant', () => {
    const text = 'class A {\n  run() {\n    a();\n  }\n}\nclass B {\n  run() {\n    b();\n  }\n}\n';
    const placed = placeCode(text, 'run() {\n  c();\n}', { ...hints, cursorLine: 7 });
    expect(placed.how).toBe('insert');
    expect(placed.proposed).toContain('a();');
    expect(placed.proposed).toContain('b();');
  });

  it('takes a block with several declarations that repeats most of the file as the whole file', () => {
    const whole = file.replace('a + b', 'b + a').trimEnd();
    expect(placeCode(file, whole, hints)).toEqual({ proposed: `${whole}\n`, how: 'wholeFile' });
  });

  it('never takes a shortened block for the whole file', () => {
    const short = file
      .replace('a + b', 'b + a')
      .replace('    return this.items.pop();', '    // ... existing code');
    expect(placeCode(file, short, hints).how).not.toBe('wholeFile');
  });

  it('replaces from the first line to the last where both are in the file', () => {
    const text = 'start();\nfor (const a of list) {\n  old(a);\n  older(a);\n}\nend();\nmore();\nlast();\n';
    const placed = placeCode(text, 'for (const a of list) {\n  fresh(a);\n}', hints);
    expect(placed.how).toBe('lines');
    expect(placed.proposed).toBe(text.replace('  old(a);\n  older(a);', '  fresh(a);'));
  });

  it('inserts what is nowhere in the file at the cursor', () => {
    const code = 'function sub(a, b) {\n  return a - b;\n}';
    const blank = placeCode(file, code, { ...hints, cursorLine: 6 });
    expect(blank.how).toBe('insert');
    expect(blank.proposed).toBe(file.replace('}\n\nexport class', `}\n${code}\nexport class`));
    const within = placeCode(file, 'log(a);', { ...hints, cursorLine: 4 });
    expect(within.proposed).toBe(file.replace('  return a + b;\n', '  return a + b;\n  log(a);\n'));
  });

  it('works on Python, and keeps carriage returns', () => {
    const text =
      'import os\r\n\r\ndef add(a, b):\r\n    return a + b\r\n\r\n\r\ndef sub(a, b):\r\n    return a - b\r\n';
    const { proposed, how } = placeCode(text, 'def add(a, b):\n    """Adds."""\n    return b + a\n', hints);
    expect(how).toBe('symbol');
    expect(proposed).toBe(text.replace('    return a + b', '    """Adds."""\r\n    return b + a'));
  });

  it('leaves the file alone where the block is empty', () => {
    expect(placeCode(file, ' \n\n', hints).proposed).toBe(file);
  });

  it('fills an empty file', () => {
    expect(placeCode('', 'let a;\n', { ...hints, cursorLine: 0 }).proposed.trimEnd()).toBe('let a;');
  });
});
