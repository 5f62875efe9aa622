import { describe, expect, it } from 'vitest';
import { extractCode } from '../../../src/edit/codeBlock';

describe('extractCode', () => {
  it.each([
    ['one block in prose', 'Here it is:\n\n```ts\nlet a = 1;\n```\nDone.', 'let a = 1;'],
    ['an unclosed fence', 'Sure:\n```typescript\nlet a = 1;\nlet b;', 'let a = 1;\nlet b;'],
    ['tildes', '~~~ts\nlet a = 1;\n~~~', 'let a = 1;'],
    ['a longer fence around a shorter one', '````md\n```ts\nx\n```\n````', '```ts\nx\n```'],
    ['a block in a list', '1. So:\n   ```ts\n   if (a) {\n     b();\n   }\n   ```', 'if (a) {\n  b();\n}'],
    ['outer blank lines', '```ts\n\n  let a = 1;\n\n```', '  let a = 1;'],
    ['carriage returns', '```ts\r\nlet a = 1;\r\n```\r\n', 'let a = 1;'],
    ['an attribute after the language', '```ts title="a.ts"\nlet a = 1;\n```', 'let a = 1;'],
  ])('reads %s', (_, answer, code) => {
    expect(extractCode(answer, 'typescript')).toBe(code);
  });

  it('prefers blocks of the language, and of those the largest', () => {
    const answer = '```sh\nnpm i\nnpm test\nnpm run x\n```\n```ts\na();\n```\n```ts\nb();\nc();\n```';
    expect(extractCode(answer, 'typescript')).toBe('b();\nc();');
    expect(extractCode(answer, 'shellscript')).toBe('npm i\nnpm test\nnpm run x');
    expect(extractCode(answer, 'go')).toBe('npm i\nnpm test\nnpm run x');
  });

  it('passes over empty blocks', () => {
    expect(extractCode('```ts\n```\n```ts\na();\n```', 'typescript')).toBe('a();');
    expect(extractCode('```ts\n\n```', 'typescript')).toBeUndefined();
  });

  it.each([
    ['TypeScript', 'function add(a: number, b: number) {\n  return a + b;\n}', 'typescript'],
    ['Python', 'def add(a, b):\n    return a + b', 'python'],
  ])('reads an answer that is only %s, without a fence', (_, code, language) => {
    expect(extractCode(code, language)).toBe(code);
    expect(
      extractCode(`Here is the function you asked for:\n\n${code}\n\nIt adds two numbers.`, language),
    ).toBe(code);
  });

  it('finds no code in prose', () => {
    expect(extractCode('', 'typescript')).toBeUndefined();
    expect(extractCode('I cannot do that.\nPlease return later.', 'typescript')).toBeUndefined();
    expect(
      extractCode(
        'The function adds.\nIt may fail:\n- for large numbers\n- for text\nLet me know.',
        'typescript',
      ),
    ).toBeUndefined();
  });
});
