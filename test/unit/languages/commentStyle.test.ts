import { expect, it } from 'vitest';
import { commentStyle } from '../../../src/languages/commentStyle';

it.each([
  ['typescript', '//', '/*'],
  ['python', '#', undefined],
  ['go', '//', '/*'],
  ['rust', '//', '/*'],
  ['java', '//', '/*'],
  ['cpp', '//', '/*'],
  ['csharp', '//', '/*'],
  ['php', '//', '/*'],
  ['ruby', '#', '=begin'],
  ['shellscript', '#', undefined],
  ['sql', '--', '/*'],
  ['html', undefined, '<!--'],
  ['css', undefined, '/*'],
  ['markdown', undefined, '<!--'],
  ['brainfuck', '//', '/*'],
])('knows how %s comments', (languageId, line, block) => {
  const style = commentStyle(languageId);
  expect(style.line).toBe(line);
  expect(style.block?.[0]).toBe(block);
});

it('knows where documentation stands', () => {
  expect(commentStyle('python').documentationInside).toBe(true);
  expect(commentStyle('java').documentationInside).toBeUndefined();
});
