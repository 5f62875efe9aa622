import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockStream, type BlockUpdate } from '../../../webview/chat/blocks';
import { closeInline } from '../../../webview/chat/closeInline';
import { parseBlocks, type Block } from '../../../webview/chat/markdown';
import { listMarkdown, markdown } from '../../support/randomMarkdown';

const samples: Record<string, string> = {
  prose: 'One line\nand its second.\n\nAnother paragraph, **bold** and `code`.\n',
  list: '1. First\n2. Second\n\n3. Third after a gap\n   - nested\n   - more\n\nThen text.\n\n- a\n- b',
  fences: 'Before\n\n```ts\nconst a = 1;\n\n// ``` is not the end\nconst b = 2;\n```\nAfter\n~~~\nx\n~~~',
  nestedFence: '- item\n  ```py\n  def f():\n\n      return 1\n  ```\n- next\n\nEnd.',
  table: 'Text\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 | 4 |\n\nMore.',
  headings: '# One\nText\n\nTwo\n---\n\n> quote\nlazy line\n\n---\n\n### Three',
  definitions: '[docs]: https://example.org/docs\n\nSee [docs] and [docs][docs].\n\nAgain [docs].',
  titles: "Text\n\n[a]: https://example.org\n'a title\nthat goes on'\n\nSee [a].\n\nEnd",
  indented: 'Text\n\n    code here\n\n    and here\n\nEnd',
  unclosed: 'Look:\n\n```python\ndef add(a, b):\n    return a + b',
};

/** Plays `text` up to each of `ends` and puts together what a page would show at the end. */
function play(text: string, ends: readonly number[]): Block[] {
  const stream = new BlockStream();
  let shown: Block[] = [];
  const take = ({ reset, finished }: BlockUpdate): void => {
    shown = reset ? finished : [...shown, ...finished];
  };
  for (const end of ends) take(stream.update(text.slice(0, end), false));
  const last = stream.update(text, true);
  expect(last.rest).toEqual([]);
  take(last);
  return shown;
}

const inSteps = (text: string, step: number): number[] =>
  Array.from({ length: Math.ceil(text.length / step) - 1 }, (_, index) => (index + 1) * step);

const whole = (text: string): Block[] => parseBlocks(text, {}).map(({ block }) => block);

describe('BlockStream', () => {
  for (const [name, text] of Object.entries(samples)) {
    it(`ends with the blocks of the whole text: ${name}`, () => {
      for (const step of [1, 2, 3, 7, 1000]) expect(play(text, inSteps(text, step))).toEqual(whole(text));
    });
  }

  it('ends with the blocks of the whole text, whatever it is and in whatever pieces it comes', () => {
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(markdown, listMarkdown), cuts, (text, shares) => {
        const ends = shares.map((share) => Math.floor(share * text.length)).sort((a, b) => a - b);
        expect(play(text, ends)).toEqual(whole(text));
        expect(play(text, inSteps(text, 1))).toEqual(whole(text));
      }),
      { numRuns: 400 },
    );
  });

  it('shows the blocks of the whole lines so far, also of lists and tables of which only the end is parsed', () => {
    fc.assert(
      fc.property(listMarkdown, (text) => {
        const stream = new BlockStream();
        const shown: Block[] = [];
        for (const { index } of text.matchAll(/\n/g)) {
          const lines = text.slice(0, index + 1);
          const { finished, rest } = stream.update(lines, false);
          shown.push(...finished);
          expect([...shown, ...rest].map(({ html }) => html)).toEqual(whole(lines).map(({ html }) => html));
        }
      }),
      { numRuns: 600 },
    );
  });

  it('makes links of what was finished once their definition has come', () => {
    const text = 'See [docs].\n\nMore.\n\n[docs]: https://example.org/docs\n';
    const stream = new BlockStream();
    const early = stream.update(text.slice(0, 25), false).finished.map((block) => block.html);
    expect(early).toEqual(['<p>See [docs].</p>']);
    const last = stream.update(text, true);
    expect(last.reset).toBe(true);
    expect(last.finished[0]?.html).toBe('<p>See <a href="https://example.org/docs">docs</a>.</p>');
  });

  it('finishes a block once the next has begun, and never renders it again', () => {
    const stream = new BlockStream();
    const updates: BlockUpdate[] = [
      'One.',
      'One.\n\n',
      'One.\n\nTwo',
      'One.\n\nTwo\n',
      'One.\n\nTwo\nmore',
    ].map((text) => stream.update(text, false));
    expect(updates.map((update) => update.finished.map((block) => block.html))).toEqual([
      [],
      [],
      [],
      ['<p>One.</p>'],
      [],
    ]);
    expect(updates.at(-1)?.rest.map((block) => block.html)).toEqual(['<p>Two\nmore</p>']);
  });

  it('does not take half a line for the end of a list', () => {
    const stream = new BlockStream();
    expect(stream.update('1. a\n\n2', false).finished).toEqual([]);
    const [list, ...others] = stream.update('1. a\n\n2. b\n', true).finished;
    expect(others).toEqual([]);
    expect(list?.html.match(/<li>/g)).toHaveLength(2);
  });

  it('shows an unclosed fence as code already, without the beginning of its end', () => {
    const stream = new BlockStream();
    const { rest } = stream.update('Text\n\n```ts\nlet a = 1;\n``', false);
    expect(rest.at(-1)).toMatchObject({
      kind: 'code',
      content: { language: 'ts', code: 'let a = 1;' },
    });
  });

  it('says when a text is not the continuation of the last', () => {
    const stream = new BlockStream();
    expect(stream.update('One.\n\nTwo.\n', false).reset).toBe(false);
    const other = stream.update('Other.', true);
    expect(other.reset).toBe(true);
    expect(other.finished.map((block) => block.html)).toEqual(['<p>Other.</p>']);
  });

  it('forgets a link definition whose line was not complete', () => {
    const stream = new BlockStream();
    stream.update('[a]: https://exam', false);
    const { finished } = stream.update('[a]: https://example.org\n\n[a]', true);
    expect(finished.at(-1)?.html).toContain('href="https://example.org"');
  });

  it('parses no more of a long answer than its last block', () => {
    const paragraph = `${'word '.repeat(40)}\n\n`;
    const stream = new BlockStream();
    const long = paragraph.repeat(200);
    stream.update(long, false);
    const { finished, rest } = stream.update(`${long}x`, false);
    expect(finished.length + rest.length).toBeLessThanOrEqual(2);
  });
});

describe('closeInline', () => {
  it.each([
    ['a **bold', 'a **bold**'],
    ['a **bold*', 'a **bold**'],
    ['a **', 'a '],
    ['use `name', 'use `name`'],
    ['use `', 'use '],
    ['a `**` b', 'a `**` b'],
    ['done **b** and `c`', 'done **b** and `c`'],
    ['```ts\nlet a = `x', '```ts\nlet a = `x'],
    ['> ```ts\n> let a = `x', '> ```ts\n> let a = `x'],
  ])('%j becomes %j', (text, expected) => {
    expect(closeInline(text)).toBe(expected);
  });
});
