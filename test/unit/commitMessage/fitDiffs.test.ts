import { describe, expect, it } from 'vitest';
import { fitDiffs, type CountedDiff } from '../../../src/commitMessage/fitDiffs';

/** A diff of so many tokens, a line each. */
function diff(path: string, tokens: number): CountedDiff {
  const lines = Array.from({ length: tokens }, (_, index) => `+${path} ${String(index).padStart(5, '0')}`);
  return { path, text: lines.join('\n'), tokens };
}
const linesOf = (text: string, path: string) =>
  text.split('\n').filter((line) => line.startsWith(`+${path} `));

describe('diffs in a budget', () => {
  it('stay whole where they fit', () => {
    const diffs = [diff('a', 20), diff('b', 30)];
    expect(fitDiffs(diffs, 50)).toEqual({ text: diffs.map(({ text }) => text).join('\n'), cut: [] });
  });

  it('lose lines of the largest alone, in their order, and tell how many', () => {
    const { text, cut } = fitDiffs([diff('small', 20), diff('huge', 10_000), diff('other', 40)], 200);
    expect(cut).toEqual(['huge']);
    expect(linesOf(text, 'small')).toHaveLength(20);
    expect(linesOf(text, 'other')).toHaveLength(40);
    const kept = linesOf(text, 'huge').length;
    expect(kept).toBeGreaterThan(80);
    expect(kept).toBeLessThanOrEqual(140);
    expect(text).toContain(`[${10_000 - kept} more lines]`);
    expect(text.indexOf('+huge')).toBeLessThan(text.indexOf('+other'));
  });

  it('share the budget where several are too large', () => {
    const { text, cut } = fitDiffs([diff('a', 1000), diff('b', 3000)], 100);
    expect(cut).toEqual(['a', 'b']);
    const [a, b] = [linesOf(text, 'a').length, linesOf(text, 'b').length];
    expect(a + b).toBeLessThanOrEqual(110);
    expect(Math.abs(a - b)).toBeLessThan(10);
  });

  it('keep the line that names the file even where nothing else has room', () => {
    const { text } = fitDiffs([diff('a', 1000)], 0);
    expect(text).toBe('+a 00000\n[999 more lines]');
  });
});
