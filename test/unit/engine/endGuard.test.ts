import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { guardEnd } from '../../../src/engine/endGuard';

let lines: string[];
beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The second in which the process is killed; undefined where it lives for two minutes. */
function killedAfter(unsaved: (second: number) => number | undefined): number | undefined {
  let killedAt: number | undefined;
  let second = 0;
  const guard = guardEnd(
    () => unsaved(second),
    () => {
      killedAt = second;
      clearInterval(guard);
    },
  );
  while (++second <= 120 && killedAt === undefined) vi.advanceTimersByTime(1_000);
  clearInterval(guard);
  return killedAt;
}

describe('an end', () => {
  it('may take 3 s where nothing would be lost', () => {
    expect(killedAfter(() => undefined)).toBe(3);
  });

  it('may take any time while more and more is written', () => {
    expect(killedAfter((second) => second * 1e6)).toBeUndefined();
    expect(lines).toHaveLength(120);
    expect(lines[41]).toBe('[info] Ends: 42 MB of conversations were written so far.\n');
  });

  it('is given up where writing has not got on for 30 s', () => {
    expect(killedAfter((second) => Math.min(second, 10) * 1e6)).toBe(40);
  });

  it('is given up 3 s after the last conversation was written', () => {
    expect(killedAfter((second) => (second < 10 ? second * 1e6 : undefined))).toBe(13);
  });
});
