import { describe, expect, it } from 'vitest';
import {
  blockEnd,
  declaredName,
  innermost,
  surroundingBlock,
  withLead,
} from '../../../src/edit/declarations';

describe('declaredName', () => {
  it.each([
    ['export async function load(path: string): Promise<void> {', 'load'],
    ['export default class Queue extends Base {', 'Queue'],
    ['  private static async run(a: number): Promise<void> {', 'run'],
    ['const add = (a, b) => a + b;', 'add'],
    ['def add(self, a):', 'add'],
    ['async def add():', 'add'],
    ['func (q *Queue) Push(item int) error {', 'Push'],
    ['pub(crate) fn push<T>(&mut self, item: T) {', 'push'],
    ['static int add(int a, int b)', 'add'],
    ['public List<String> names() throws IOException {', 'names'],
    ['constructor(private readonly a: string) {', 'constructor'],
  ])('reads %s', (line, name) => {
    expect(declaredName(line)).toBe(name);
  });

  it.each([
    'if (a) {',
    '} else if (a) {',
    'for (const a of b) {',
    'return add(a)',
    'await run(a)',
    'run(a);',
    'run(a)',
    "it('adds', () => {",
    '// function of time',
    '',
  ])('reads no declaration in %j', (line) => {
    expect(declaredName(line)).toBeUndefined();
  });
});

describe('blockEnd', () => {
  it('ends at the closing bracket, past a branch and a long head', () => {
    const lines = ['function a(', '  b,', '): void {', '  if (b) {', '  }', '}', 'next();'];
    expect(blockEnd(lines, 0)).toBe(5);
    expect(blockEnd(['if (a) {', '  b();', '} else {', '  c();', '}', 'd();'], 0)).toBe(4);
  });

  it('ends with the indent in Python, and before blank lines', () => {
    expect(blockEnd(['def a():', '    b()', '', '    c()', '', '', 'd()'], 0)).toBe(3);
  });

  it('takes a brace on a line of its own', () => {
    expect(blockEnd(['void a()', '{', '  b();', '}', 'void c()'], 0)).toBe(3);
  });
});

describe('surroundingBlock', () => {
  const lines = [
    'import a',
    '',
    'class A {',
    '  run() {',
    '    a();',
    '',
    '    b();',
    '  }',
    '}',
    '',
    'x = 1',
    'y = 2',
  ];

  it('is the innermost declaration that reaches to the line', () => {
    expect(surroundingBlock(lines, 5)).toEqual({ start: 3, end: 7 });
    expect(surroundingBlock(lines, 8)).toEqual({ start: 2, end: 8 });
  });

  it('is else what stands between blank lines', () => {
    expect(surroundingBlock(lines, 11)).toEqual({ start: 10, end: 11 });
    expect(surroundingBlock(lines, 9)).toEqual({ start: 9, end: 9 });
  });
});

describe('innermost', () => {
  const symbols = [
    { name: 'A', startLine: 0, endLine: 20, isBlock: true },
    { name: 'run', startLine: 2, endLine: 10, isBlock: true },
    { name: 'options', startLine: 4, endLine: 6, isBlock: false },
    { name: 'table', startLine: 22, endLine: 25, isBlock: false },
    { name: 'one', startLine: 27, endLine: 27, isBlock: false },
  ];

  it('is the smallest function or class, else the smallest of several lines', () => {
    expect(innermost(symbols, 5)?.name).toBe('run');
    expect(innermost(symbols, 15)?.name).toBe('A');
    expect(innermost(symbols, 23)?.name).toBe('table');
    expect(innermost(symbols, 27)).toBeUndefined();
  });
});

describe('withLead', () => {
  it('counts comments and decorators above, but no code and no blank line', () => {
    expect(withLead(['a();', '', '/** Doc. */', '@dec()', 'class A {'], 4)).toBe(2);
    expect(withLead(['a();', 'b();'], 1)).toBe(1);
  });
});
