import { beforeEach, describe, expect, it } from 'vitest';
import { Liveness } from '../../../src/engineClient/liveness';
import { FakeClock } from './supervisorFixture';

let clock: FakeClock;
let liveness: Liveness;
let told: boolean[];

beforeEach(() => {
  clock = new FakeClock();
  liveness = new Liveness(clock);
  told = [];
  liveness.onSilence((isSilent) => told.push(isSilent));
});

/** A request that stays under way until it is answered. */
function request(): { answer: () => void; over: Promise<void> } {
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  return { answer, over: liveness.during(() => answered) };
}

function pass(seconds: number): void {
  for (let left = seconds; left > 0; left -= 5) clock.advance(5_000);
}

describe('an engine that owes an answer', () => {
  it('is silent once it was not heard for 30 s, which is told once, and so is its return', () => {
    request();
    pass(25);
    expect(told).toEqual([]);
    pass(5);
    expect(told).toEqual([true]);
    pass(60);
    expect(told).toEqual([true]);
    liveness.heard();
    expect(told).toEqual([true, false]);
  });

  it('may take for ever as long as it is heard', () => {
    request();
    for (let time = 0; time < 100; time++) {
      pass(25);
      liveness.heard();
    }
    expect(told).toEqual([]);
  });

  it('is no longer waited for once it has answered all', async () => {
    const [one, two] = [request(), request()];
    pass(30);
    one.answer();
    await one.over;
    expect(told).toEqual([true]);
    two.answer();
    await two.over;
    expect(told).toEqual([true, false]);
    pass(600);
    expect(told).toEqual([true, false]);
  });

  it('does not pass for silent where the machine slept', () => {
    request();
    pass(5);
    clock.advance(3_600_000);
    expect(told).toEqual([]);
  });
});

describe('an engine that owes nothing', () => {
  it('is not watched: no timer runs', () => {
    pass(600);
    expect(told).toEqual([]);
    expect(clock.timerCount).toBe(0);
  });
});
