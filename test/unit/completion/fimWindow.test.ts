import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fimWindow } from '../../../src/completion/fimWindow';

const size = { prefix: 200, step: 100, suffix: 80 };
const line = 'const value = compute(1);\n';
const file = line.repeat(40);

describe('fimWindow', () => {
  it('takes a small file as it is', () => {
    expect(fimWindow('a\n', 'b\n', size)).toEqual({ prefix: 'a\n', suffix: 'b\n', start: 0 });
  });

  it('begins and ends with whole lines', () => {
    const { prefix, suffix } = fimWindow(file, file, size);
    expect(prefix.startsWith('const')).toBe(true);
    expect(suffix).toBe(line.repeat(3));
  });

  it('keeps its beginning while a person types, and moves it by whole steps', () => {
    const starts = [];
    for (let typed = 0; typed < 300; typed++)
      starts.push(fimWindow(file + 'x'.repeat(typed), '', size).start);
    expect(new Set(starts).size).toBeLessThanOrEqual(4);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  });

  it('holds the end of what is before and the beginning of what is after, within its size', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n'), maxLength: 1500 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { prefix, suffix, start } = fimWindow(before, after, size);
        expect(before.slice(start)).toBe(prefix);
        expect(after.startsWith(suffix)).toBe(true);
        expect(suffix.length).toBeLessThanOrEqual(size.suffix);
        expect(prefix.length).toBeLessThanOrEqual(size.prefix + size.step);
        expect(prefix.length).toBeGreaterThanOrEqual(Math.min(before.length, size.prefix - size.step / 2));
      }),
    );
  });
});
