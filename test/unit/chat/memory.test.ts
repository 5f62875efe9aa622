import { describe, expect, it } from 'vitest';
import { answerRoom, planMemory } from '../../../src/chat/memory';

const size = (turns: number[], change = {}) => ({
  ...{ prefix: 100, turns, contextSize: 1000, maxTokens: 200, ...change },
});

describe('planMemory', () => {
  it('leaves everything while the prompt and the room for the answer fit', () => {
    expect(planMemory(size([300, 300, 100]))).toEqual({ kind: 'fits' });
    expect(planMemory(size([300, 300, 101]))).toEqual({ kind: 'drop', count: 1 });
  });

  it('keeps a quarter of the context for the answer at most', () => {
    expect(answerRoom(1000, 200)).toBe(200);
    expect(answerRoom(1000, 2048)).toBe(250);
    expect(planMemory(size([300, 300, 51], { maxTokens: 2048 }))).toEqual({ kind: 'drop', count: 1 });
  });

  it('drops whole turns in one step until at most 60 % is used', () => {
    const turns = Array.from({ length: 14 }, () => 50);
    expect(planMemory(size([...turns, 51]))).toEqual({ kind: 'drop', count: 6 });
    // 100 + 8 × 50 + 51 = 551; with one more it would be 601.
    expect(planMemory(size([...turns.slice(6), 51], {}), true)).toEqual({ kind: 'fits' });
    expect(planMemory(size([...turns.slice(5), 51], {}), true)).toEqual({ kind: 'drop', count: 1 });
  });

  it('keeps the last turn alone where that is over 60 % but fits', () => {
    expect(planMemory(size([200, 700]))).toEqual({ kind: 'drop', count: 1 });
    expect(planMemory(size([700]), true)).toEqual({ kind: 'fits' });
  });

  it('refuses a last turn that cannot fit, with its size', () => {
    expect(planMemory(size([200, 701]))).toEqual({ kind: 'refused', needed: 801, available: 800 });
  });
});
