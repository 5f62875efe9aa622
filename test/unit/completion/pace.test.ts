import { describe, expect, it } from 'vitest';
import { Pace } from '../../../src/completion/pace';
import type { CompleteResult } from '../../../src/protocol/engine';

/** A result of a model that reads and writes so many tokens a second. */
function result(rates: { read: number; written: number }, changes: Partial<CompleteResult> = {}) {
  const whole = { readTokens: 100, reusedTokens: 400, outputTokens: 20, ...changes };
  return {
    ...{ text: 'x', stopReason: 'end' as const, modelPath: 'm', promptTokens: 500, ...whole },
    prefillMs: (whole.readTokens / rates.read) * 1000,
    decodeMs: (whole.outputTokens / rates.written) * 1000,
  };
}

describe('Pace', () => {
  it('expects what it measured', () => {
    const pace = new Pace();
    expect(pace.expectedSeconds).toBeUndefined();
    pace.observe(result({ read: 200, written: 40 }));
    expect(pace.expectedSeconds).toBeCloseTo(100 / 200 + 20 / 40);
    expect(pace.isTooSlow(2)).toBe(false);
    expect(pace.isTooSlow(0.9)).toBe(true);
  });

  it('learns from a cancelled request how slow reading is', () => {
    const pace = new Pace();
    const slow = { read: 5, written: 1 };
    pace.observe(result(slow, { stopReason: 'cancelled', outputTokens: 0 }));
    expect(pace.isTooSlow(3)).toBe(true);
  });

  it('holds a model to be too slow once nothing came in time three times in a row', () => {
    const pace = new Pace();
    const written = result({ read: 1000, written: 100 }, { stopReason: 'cancelled' });
    pace.wasOverdue(written);
    pace.wasOverdue(written);
    pace.observe(result({ read: 1000, written: 100 }));
    pace.wasOverdue(written);
    pace.wasOverdue(written);
    expect(pace.isTooSlow(3)).toBe(false);
    pace.wasOverdue(written);
    expect(pace.isTooSlow(3)).toBe(true);
    pace.observe(result({ read: 1000, written: 100 }));
    expect(pace.isTooSlow(3)).toBe(false);
  });

  it('is patient with what was still reading: the next try goes on from there', () => {
    const pace = new Pace();
    const reading = { ...result({ read: 1000, written: 100 }), reusedTokens: 0, readTokens: 100 };
    for (let count = 0; count < 5; count++) pace.wasOverdue(reading);
    expect(pace.isTooSlow(3)).toBe(false);
    pace.wasOverdue(reading);
    expect(pace.isTooSlow(3)).toBe(true);
  });

  it('waits the longer for the end of typing, the more a try costs', () => {
    const debounce = (rates: { read: number; written: number }) => {
      const pace = new Pace();
      pace.observe(result(rates));
      return pace.debounceMs;
    };
    expect(new Pace().debounceMs).toBe(200);
    expect(debounce({ read: 5000, written: 500 })).toBe(75);
    expect(debounce({ read: 400, written: 80 })).toBeCloseTo(250);
    expect(debounce({ read: 20, written: 2 })).toBe(500);
  });

  it('reads less where reading is slow, and keeps its size while rates only waver', () => {
    const pace = new Pace();
    const usual = pace.promptSize(3, 8192);
    pace.observe(result({ read: 180, written: 40 }));
    expect(pace.promptSize(3, 8192)).toEqual(usual);
    for (let count = 0; count < 5; count++) pace.observe(result({ read: 20, written: 4 }));
    const small = pace.promptSize(3, 8192);
    expect(small.window.prefix).toBeLessThan(usual.window.prefix);
    expect(small.window.suffix).toBeLessThan(usual.window.suffix);
    expect(small.files).toBe(0);
  });

  it('keeps to the context, by the characters that a token really has', () => {
    const pace = new Pace();
    pace.observeSize(1000, 1000);
    const { window, files } = pace.promptSize(600, 1024);
    expect(window.prefix + window.step + window.suffix + files).toBeLessThan(1024 * 0.75);
  });
});
