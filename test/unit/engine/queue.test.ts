import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Queue } from '../../../src/engine/queue';

const never = new AbortController().signal;
const fail = (): never => {
  throw new Error('cancelled');
};

describe('Queue', () => {
  it('runs one job at a time, in order of arrival', async () => {
    const queue = new Queue();
    const events: string[] = [];
    const job = (name: string, ms: number) => async () => {
      events.push(`${name} starts`);
      await delay(ms);
      events.push(`${name} ends`);
    };
    await Promise.all([
      queue.run(job('a', 15), never, fail),
      queue.run(job('b', 1), never, fail),
      queue.run(job('c', 5), never, fail),
    ]);
    expect(events).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
  });

  it('leaves out a job that is cancelled before its turn, and still waits for those before it', async () => {
    const queue = new Queue();
    const events: string[] = [];
    let finishFirst: () => void = () => undefined;
    const first = queue.run(() => new Promise<void>((resolve) => (finishFirst = resolve)), never, fail);
    const stop = new AbortController();
    const second = queue.run(
      () => Promise.resolve('ran'),
      stop.signal,
      () => 'left out',
    );
    const third = queue.run(() => Promise.resolve(events.push('third')), never, fail);
    await delay(1);
    stop.abort();
    expect(await second).toBe('left out');
    await delay(5);
    expect(events).toEqual([]);
    finishFirst();
    await first;
    await third;
    expect(events).toEqual(['third']);
  });

  it('goes on after a job that failed', async () => {
    const queue = new Queue();
    await expect(queue.run(() => Promise.reject(new Error('no')), never, fail)).rejects.toThrow('no');
    expect(await queue.run(() => Promise.resolve(1), never, fail)).toBe(1);
  });
});
