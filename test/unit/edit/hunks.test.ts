import { describe, expect, it } from 'vitest';
import { diffHunks } from '../../../src/edit/hunks';
import { parseLines, proposedLines } from '../../../src/edit/textLines';

describe('diffHunks', () => {
  it('names the lines that go and the lines that come', () => {
    expect(diffHunks('a\nb\nc\nd\n', 'a\nB\nc\nd\ne\n')).toEqual([
      { id: 0, originalStart: 1, originalLines: ['b'], proposedLines: ['B'] },
      { id: 1, originalStart: 4, originalLines: [], proposedLines: ['e'] },
    ]);
  });

  it('sees no change in line ends or in a final line end', () => {
    expect(diffHunks('a\r\nb\r\n', 'a\nb')).toEqual([]);
    expect(diffHunks('a\nb', 'a\nb\n')).toEqual([]);
    expect(diffHunks('a\nb\n', 'a\nb')).toEqual([]);
  });

  it('shows what fills an empty file and what empties a full one', () => {
    expect(diffHunks('', 'a\n')).toEqual([
      { id: 0, originalStart: 0, originalLines: [], proposedLines: ['a'] },
    ]);
    expect(diffHunks('a', '')).toEqual([
      { id: 0, originalStart: 0, originalLines: ['a'], proposedLines: [''] },
    ]);
  });

  it('makes one hunk of texts that have nothing in common, however long', () => {
    const before = Array.from({ length: 5000 }, (_, line) => `before ${line}`);
    const after = Array.from({ length: 5000 }, (_, line) => `after ${line}`);
    const hunks = diffHunks(['same', ...before, 'end'].join('\n'), ['same', ...after, 'end'].join('\n'));
    expect(hunks).toHaveLength(1);
    expect(hunks[0]).toMatchObject({ originalStart: 1, originalLines: before, proposedLines: after });
  });
});

describe('parseLines', () => {
  it('takes the more frequent line end', () => {
    expect(parseLines('a\r\nb\r\nc\nd').eol).toBe('\r\n');
    expect(parseLines('a\r\nb\nc\nd').eol).toBe('\n');
    expect(parseLines('one line').eol).toBe('\n');
  });
});

describe('proposedLines', () => {
  it('keeps a final line end as the original has it', () => {
    expect(proposedLines(['a', ''], 'b')).toEqual(['b', '']);
    expect(proposedLines(['a'], 'b\n\n')).toEqual(['b']);
    expect(proposedLines([''], 'b\n')).toEqual(['b', '']);
  });
});
