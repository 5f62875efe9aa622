import { describe, expect, it } from 'vitest';
import { colour } from '../../../webview/chat/highlight';

const clean = (code: string, language: string): boolean | undefined => colour(code, language)?.clean;

describe('colour', () => {
  it('gives text in spans, escaped', () => {
    expect(colour('if (a < b) {\n', 'ts')?.html).toBe('<span class="hljs-keyword">if</span> (a &lt; b) {\n');
  });

  it.each([
    ['ts', 'class A {\n  run(): void {\n    if (x) {\n', '/** text\n * and'],
    ['ts', 'const a = `x ${b} y`;\n', 'const a = `x ${b}\n'],
    ['python', 'class A:\n    def f(self):\n', 'def f():\n    """ text\n'],
    ['rust', 'impl A {\n    fn f() {\n', '/* text\n'],
    ['java', 'public class A {\n  void f() {\n', '/** text\n'],
    ['html', '<p>text</p>\n', '<script>\nlet a;\n'],
  ])('tells where code of %s can be cut without a change of colours', (language, cut, uncut) => {
    expect(clean(cut, language)).toBe(true);
    expect(clean(uncut, language)).toBe(false);
  });

  it('gives pieces that are cut there the colours they have as a whole', () => {
    const first = 'export async function run(): Promise<void> {\n  await wait("a");\n';
    const rest = "  // isn't done\n  return;\n}\n";
    const pieces = [first, rest].map((code) => colour(code, 'ts')?.html).join('');
    expect(pieces).toBe(colour(first + rest, 'ts')?.html);
  });

  it('leaves code alone of which it does not know the language, or which is too long for one go', () => {
    expect(colour('a', 'no-such-language')).toBeUndefined();
    expect(colour('let a;\n'.repeat(2000), 'ts')).toBeUndefined();
  });
});
