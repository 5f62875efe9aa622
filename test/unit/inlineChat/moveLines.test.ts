import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveLines } from '../../../src/inlineChat/moveLines';

const change = (start: [number, number], end: [number, number], text: string) => ({
  range: { start: { line: start[0], character: start[1] }, end: { line: end[0], character: end[1] } },
  text,
});
const lines = { start: 4, end: 6 };

describe('lines of a file that changes', () => {
  it('stay where something changes below', () => {
    expect(moveLines(lines, change([7, 0], [9, 3], 'x\ny\nz\n'))).toEqual(lines);
  });

  it('move with what is written or taken away above', () => {
    expect(moveLines(lines, change([1, 2], [1, 2], 'a\nb\n'))).toEqual({ start: 6, end: 8 });
    expect(moveLines(lines, change([1, 0], [3, 0], ''))).toEqual({ start: 2, end: 4 });
  });

  it('make room for lines that are written at their very beginning', () => {
    expect(moveLines(lines, change([4, 0], [4, 0], 'new\n'))).toEqual({ start: 5, end: 7 });
  });

  it('grow and shrink with what is written within', () => {
    expect(moveLines(lines, change([5, 0], [5, 1], 'a\nb\nc'))).toEqual({ start: 4, end: 8 });
    expect(moveLines(lines, change([4, 1], [6, 0], ''))).toEqual({ start: 4, end: 4 });
  });

  it('are what stands in their place where all of it is replaced', () => {
    expect(moveLines(lines, change([2, 0], [9, 0], 'a\nb'))).toEqual({ start: 2, end: 3 });
  });

  it('never end before they begin, nor begin before the file', () => {
    const place = fc.nat(30);
    fc.assert(
      fc.property(place, place, place, place, fc.nat(3), fc.nat(3), fc.nat(5), (a, b, c, d, x, y, added) => {
        const [from, to] = [Math.min(c, d), Math.max(c, d)];
        const characters = from === to ? [Math.min(x, y), Math.max(x, y)] : [x, y];
        const moved = moveLines(
          { start: Math.min(a, b), end: Math.max(a, b) },
          change([from, characters[0] ?? 0], [to, characters[1] ?? 0], '\n'.repeat(added)),
        );
        expect(moved.start).toBeGreaterThanOrEqual(0);
        expect(moved.end).toBeGreaterThanOrEqual(moved.start);
      }),
    );
  });
});
