import { describe, expect, it } from 'vitest';
import { mentionsIn, typedTrigger, writeMention } from '../../../src/protocol/mentions';

const found = (text: string) => mentionsIn(text).map(({ kind, target }) => [kind, target]);

describe('mentions in a message', () => {
  it('are found with their targets, without what ends the sentence', () => {
    expect(found('Compare @file:src/a.ts with @file:src/b.ts.')).toEqual([
      ['file', 'src/a.ts'],
      ['file', 'src/b.ts'],
    ]);
    expect(found('(@selection), @problems? "@diff" @terminal: what now')).toEqual([
      ['selection', ''],
      ['problems', ''],
      ['diff', ''],
      ['terminal', ''],
    ]);
    expect(found('@file:"my file.ts", then @folder:src/queue/ and @symbol:src/q.ts#Queue')).toEqual([
      ['file', 'my file.ts'],
      ['folder', 'src/queue/'],
      ['symbol', 'src/q.ts#Queue'],
    ]);
    expect(found('@file:src/a.ts:12-48')).toEqual([['file', 'src/a.ts:12-48']]);
  });

  it('are no addresses, decorators, packages or unfinished names', () => {
    const others = [
      'me@file.org',
      '@Injectable()',
      '@selections',
      '@types/node',
      '@file: a',
      '@file:"my',
      'x.@diff',
      '@symbol',
    ];
    for (const text of others) expect(found(text), text).toEqual([]);
  });

  it('are cut out by their offsets', () => {
    const text = 'See @file:a.ts, and @diff: it is long.';
    expect(mentionsIn(text).map(({ start, end }) => text.slice(start, end))).toEqual(['@file:a.ts', '@diff']);
  });

  it('are written so that they are found again', () => {
    for (const target of ['src/a.ts', 'my folder/a b.ts', 'src/q.ts#Queue', 'copy (1)', 'مجلد/ملف.ts']) {
      expect(found(`Look at ${writeMention('file', target)} again`)).toEqual([['file', target]]);
    }
  });
});

describe('what is being typed', () => {
  it.each([
    ['@', '@'],
    ['Why does @que', '@que'],
    ['See @file:src/qu', '@file:src/qu'],
    ['See @file:"my fi', '@file:"my fi'],
    ['(@sel', '@sel'],
    ['/exp', '/exp'],
    ['me@example', ''],
    ['@file:a.ts ', ''],
    ['either /or', ''],
    ['/explain this', ''],
    ['', ''],
  ])('in %j is %j', (before, expected) => {
    expect(typedTrigger(before)).toBe(expected);
  });
});
