import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brackets } from '../../../src/completion/brackets';
import { balanced, shapeSuggestion } from '../../../src/completion/shapeSuggestion';

type Place = 'line' | 'block';

/** What a suggestion comes to at the "|" of a file. */
function shape(file: string, text: string, place: Place, stopReason: 'end' | 'maxTokens' | 'lines' = 'end') {
  const caret = file.indexOf('|');
  const surroundings = { before: file.slice(0, caret), after: file.slice(caret + 1) };
  return shapeSuggestion({ text, stopReason }, place, surroundings);
}

describe('a suggestion of one line', () => {
  it('is one line', () => {
    expect(shape('return |\n', 'a + b;\nmore', 'line')).toBe('a + b;');
  });

  it('leaves brackets and quotes to the text that closes them already', () => {
    expect(shape('call(|);\n', 'first, second);', 'line')).toBe('first, second');
    expect(shape('call(|\n', 'first, second);', 'line')).toBe('first, second);');
    expect(shape('log("|");\n', 'it works");', 'line')).toBe('it works');
    expect(shape('f(g(|))\n', 'a), b)', 'line')).toBe('a');
    expect(shape('f(|)\n', 'g(a)', 'line')).toBe('g(a)');
  });

  it('does not say again what the line goes on with', () => {
    expect(shape('const a = |;\n', 'b + c;', 'line')).toBe('b + c');
  });

  it('is nothing where it is blank, or what stands on the next line', () => {
    expect(shape('a|\n', '  ', 'line')).toBeUndefined();
    expect(shape('a\n|\nreturn b;\n', 'return b;', 'line')).toBeUndefined();
  });
});

describe('a suggestion of several lines', () => {
  it('ends with the block that is open', () => {
    const python = 'def add(a, b):\n    |\n';
    expect(shape(python, 'return a + b\n\n\ndef sub(a, b):\n    return a - b', 'block')).toBe('return a + b');
    expect(shape('def add(a, b):|\n', '\n    return a + b\n\nprint(1)', 'block')).toBe('\n    return a + b');
  });

  it('does not close what is closed after it', () => {
    const open = 'function add(a, b) {\n  |\n}\n';
    expect(shape(open, 'return a + b;\n}', 'block')).toBe('return a + b;');
  });

  it('closes what nothing else closes', () => {
    expect(shape('function add(a, b) {\n  |\n', 'return a + b;\n}\n', 'block')).toBe('return a + b;\n}');
  });

  it('is cut to whole lines and whole brackets where the model was stopped', () => {
    const open = 'function work() {\n  |\n}\n';
    expect(shape(open, 'start();\n  for (const a of b) {\n    use(a);\n    fin', 'block', 'maxTokens')).toBe(
      'start();',
    );
    expect(shape(open, 'if (a) {\n    b();\n  }\n  c', 'block', 'maxTokens')).toBe('if (a) {\n    b();\n  }');
    expect(shape(open, 'if (a) {\n    b();\n    c();', 'block', 'lines')).toBe(
      'if (a) {\n    b();\n    c();',
    );
  });

  it('does not say again the lines that follow', () => {
    expect(shape('a:\n|\nfirst();\nlast();\n', 'before();\nfirst();\nlast();', 'block')).toBe('before();');
  });
});

describe('brackets', () => {
  it('are not those in strings and after //', () => {
    expect(brackets('a("(", \'[\') // {')).toMatchObject({ open: [], unopened: [] });
    expect(brackets("don't (")).toMatchObject({ open: [')'] });
  });

  it('never come twice: in a file that was whole, a suggestion closes nothing more', () => {
    const code = fc.string({ unit: fc.constantFrom('(', ')', '{', '}', '[', ']', 'a', ' ', '\n') });
    fc.assert(
      fc.property(code, fc.nat({ max: 20 }), code, (text, at, suggestion) => {
        // What is whole: each bracket of the text that has a partner.
        const whole = onlyPaired(text);
        const before = whole.slice(0, at);
        const after = whole.slice(at);
        const { unopened } = brackets(balanced(suggestion, { before, after }));
        expect(unopened).toEqual([]);
      }),
    );
  });
});

function onlyPaired(text: string): string {
  const partner: Record<string, string> = { ')': '(', '}': '{', ']': '[' };
  const stack: { character: string; at: number }[] = [];
  const keep = new Set<number>();
  Array.from(text).forEach((character, at) => {
    if ('({['.includes(character)) stack.push({ character, at });
    else if (partner[character] === undefined) keep.add(at);
    else if (stack.at(-1)?.character === partner[character]) {
      keep.add(stack.pop()?.at ?? 0);
      keep.add(at);
    }
  });
  return Array.from(text)
    .filter((_, at) => keep.has(at))
    .join('');
}
