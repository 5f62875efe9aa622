import { describe, expect, it } from 'vitest';
import { TypedThrough } from '../../../src/completion/typedThrough';

const uri = 'file:///a.ts';
const caret = (before: string, after = '\n}\n') => ({ uri, before, after });

function kept(before: string, text: string, after?: string): TypedThrough {
  const typed = new TypedThrough();
  typed.add(caret(before, after), text);
  return typed;
}

describe('TypedThrough', () => {
  it('has what is left of a suggestion as it is typed, letter for letter', () => {
    const text = 'add(first, second);';
    const typed = kept('return ', text);
    for (let length = 0; length < text.length - 1; length++) {
      expect(typed.find(caret(`return ${text.slice(0, length)}`))).toBe(text.slice(length));
    }
    expect(typed.find(caret(`return ${text}`))).toBeUndefined();
  });

  it('has nothing for another text, place, file or rest', () => {
    const typed = kept('return ', 'add(first);');
    expect(typed.find(caret('return sub'))).toBeUndefined();
    expect(typed.find(caret('retur'))).toBeUndefined();
    expect(typed.find(caret('let a = '))).toBeUndefined();
    expect(typed.find(caret('return ad', '\n  more\n}\n'))).toBeUndefined();
    expect(typed.find({ ...caret('return ad'), uri: 'file:///b.ts' })).toBeUndefined();
  });

  it('goes on where the editor closed a bracket or a quote by itself', () => {
    const typed = kept('return ', 'add("first", second);', ';\n}\n');
    expect(typed.find(caret('return add(', ');\n}\n'))).toBe('"first", second');
    expect(typed.find(caret('return add(', 'x);\n}\n'))).toBeUndefined();
  });

  it('offers an earlier suggestion again after a step back', () => {
    const typed = kept('a', 'bcd');
    typed.add(caret('ab'), 'xyz');
    expect(typed.find(caret('ab'))).toBe('xyz');
    expect(typed.find(caret('abc'))).toBe('d');
    expect(typed.find(caret('a'))).toBe('bcd');
  });
});
