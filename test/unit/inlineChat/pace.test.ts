import { describe, expect, it } from 'vitest';
import { Pace } from '../../../src/inlineChat/pace';
import { FakeClock } from '../chat/fakes';

describe('the pace of drawing', () => {
  it('is as asked for at most, and the last state is drawn', () => {
    const clock = new FakeClock();
    const drawn: number[] = [];
    let state = 0;
    const pace = new Pace(clock, 130, () => drawn.push(state));
    pace.request();
    for (state = 1; state <= 20; state++) {
      clock.advance(50);
      pace.request();
    }
    clock.advance(130);
    expect(drawn[0]).toBe(0);
    expect(drawn.at(-1)).toBe(21);
    // In 1,130 ms.
    expect(drawn.length).toBeLessThanOrEqual(9);
  });

  it('draws nothing after its end', () => {
    const clock = new FakeClock();
    let drawn = 0;
    const pace = new Pace(clock, 130, () => drawn++);
    pace.request();
    pace.request();
    pace.dispose();
    clock.advance(1000);
    pace.request();
    expect(drawn).toBe(1);
  });
});
