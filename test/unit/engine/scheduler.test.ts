import { describe, expect, it } from 'vitest';
import { RequestCancelled } from '../../../src/engine/failure';
import { Scheduler, type Turn } from '../../../src/engine/scheduler';
import type { RequestKind } from '../../../src/protocol/engine';

/** A scheduler with a clock of its own, and jobs that go on when the test says so. */
class Bench {
  now = 0;
  readonly scheduler = new Scheduler(() => this.now);
  /** What happened, in its order. */
  readonly events: string[] = [];

  /** A request of some steps; between two it may be paused. */
  ask(name: string, kind: RequestKind, steps = 1, signal = new AbortController().signal) {
    const gates = Array.from({ length: steps }, () => withResolvers());
    const told: number[] = [];
    const job = async (turn: Turn) => {
      for (const [step, gate] of gates.entries()) {
        if (step > 0 && (await turn.pause())) this.events.push(`${name} resumes`);
        this.events.push(`${name} ${step}`);
        await gate.promise;
      }
      return name;
    };
    const result = this.scheduler.run(
      { kind, signal, onWaiting: (ahead) => told.push(ahead) },
      job,
      () => `${name} cancelled`,
    );
    result.catch(() => undefined);
    const step = async (index: number) => {
      gates[index]?.resolve();
      await settled();
    };
    return { result, told, step };
  }
}

/** Node 20 has no `Promise.withResolvers`. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Lets everything happen that follows. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('order', () => {
  it('is that of arrival among requests of a kind', async () => {
    const bench = new Bench();
    const asked = ['a', 'b', 'c'].map((name) => bench.ask(name, 'chat'));
    for (const each of asked) await each.step(0);
    expect(await Promise.all(asked.map(({ result }) => result))).toEqual(['a', 'b', 'c']);
    expect(bench.events).toEqual(['a 0', 'b 0', 'c 0']);
  });

  it('puts ghost text before inline before chat before background', async () => {
    const bench = new Bench();
    const first = bench.ask('first', 'ghost');
    const asked = (['background', 'chat', 'inline', 'ghost'] as const).map((kind) => bench.ask(kind, kind));
    await first.step(0);
    for (const each of asked.toReversed()) await each.step(0);
    expect(bench.events).toEqual(['first 0', 'ghost 0', 'inline 0', 'chat 0', 'background 0']);
  });

  it('lets a request that waited long go before more urgent ones, and leaves it alone for a while', async () => {
    const bench = new Bench();
    const running = bench.ask('running', 'ghost');
    const old = bench.ask('old', 'background', 3);
    bench.now = 61_000;
    const ghost = bench.ask('ghost', 'ghost');
    await running.step(0);
    expect(bench.events).toEqual(['running 0', 'old 0']);
    bench.now += 1_000;
    await old.step(0);
    expect(bench.events.at(-1)).toBe('old 1');
    bench.now += 1_001;
    await old.step(1);
    expect(bench.events.at(-1)).toBe('ghost 0');
    await ghost.step(0);
    expect(bench.events.slice(-2)).toEqual(['old resumes', 'old 2']);
    await old.step(2);
    expect(await old.result).toBe('old');
  });

  it('tells who waits how many are before it', async () => {
    const bench = new Bench();
    const a = bench.ask('a', 'chat');
    const b = bench.ask('b', 'chat');
    const c = bench.ask('c', 'chat');
    expect([a.told, b.told, c.told]).toEqual([[], [1], [2]]);
    await a.step(0);
    await b.step(0);
    expect([b.told, c.told]).toEqual([[1], [2, 1]]);
    await c.step(0);
  });
});

describe('a pause', () => {
  it('comes for a more urgent kind alone, between two steps, and the rest goes on after it', async () => {
    const bench = new Bench();
    const chat = bench.ask('chat', 'chat', 3);
    const equal = bench.ask('equal', 'chat');
    await chat.step(0);
    expect(bench.events).toEqual(['chat 0', 'chat 1']);
    const ghost = bench.ask('ghost', 'ghost');
    await settled();
    expect(bench.events).toEqual(['chat 0', 'chat 1']);
    await chat.step(1);
    expect(bench.events.slice(2)).toEqual(['ghost 0']);
    expect(chat.told).toEqual([1]);
    await ghost.step(0);
    expect(bench.events.slice(3)).toEqual(['chat resumes', 'chat 2']);
    await chat.step(2);
    expect(bench.events.at(-1)).toBe('equal 0');
    await equal.step(0);
    expect(bench.scheduler.isIdle).toBe(true);
  });

  it('ends with a cancel, while the more urgent one goes on', async () => {
    const bench = new Bench();
    const stop = new AbortController();
    const chat = bench.ask('chat', 'chat', 2, stop.signal);
    const ghost = bench.ask('ghost', 'ghost');
    await chat.step(0);
    expect(bench.events).toEqual(['chat 0', 'ghost 0']);
    stop.abort();
    await expect(chat.result).rejects.toThrow(RequestCancelled);
    await ghost.step(0);
    expect(await ghost.result).toBe('ghost');
    expect(bench.scheduler.isIdle).toBe(true);
  });
});

describe('what runs alone', () => {
  it('waits for all before it, paused ones too, and all after it wait', async () => {
    const bench = new Bench();
    const chat = bench.ask('chat', 'chat', 2);
    const alone = bench.scheduler.runAlone(
      () => Promise.resolve(bench.events.push('alone')),
      new AbortController().signal,
      () => -1,
    );
    const ghost = bench.ask('ghost', 'ghost');
    await chat.step(0);
    await chat.step(1);
    expect(bench.events).toEqual(['chat 0', 'chat 1', 'alone', 'ghost 0']);
    await alone;
    await ghost.step(0);
    expect(bench.scheduler.isIdle).toBe(true);
  });

  it('is left out when it is cancelled before its turn, and holds nobody up', async () => {
    const bench = new Bench();
    const stop = new AbortController();
    const chat = bench.ask('chat', 'chat');
    const alone = bench.scheduler.runAlone(
      () => Promise.reject(new Error('it ran')),
      stop.signal,
      () => 'left out',
    );
    const ghost = bench.ask('ghost', 'ghost');
    stop.abort();
    expect(await alone).toBe('left out');
    await chat.step(0);
    expect(bench.events).toEqual(['chat 0', 'ghost 0']);
    await ghost.step(0);
  });
});

it('takes a request out that is cancelled before its turn', async () => {
  const bench = new Bench();
  const stop = new AbortController();
  const chat = bench.ask('chat', 'chat');
  const second = bench.ask('second', 'chat', 1, stop.signal);
  stop.abort();
  expect(await second.result).toBe('second cancelled');
  await chat.step(0);
  expect(bench.events).toEqual(['chat 0']);
  expect(bench.scheduler.isIdle).toBe(true);
});

it('goes on after a job that failed', async () => {
  const bench = new Bench();
  const failing = bench.scheduler.run(
    { kind: 'chat', signal: new AbortController().signal },
    () => Promise.reject(new Error('broken')),
    () => undefined,
  );
  await expect(failing).rejects.toThrow('broken');
  const next = bench.ask('next', 'chat');
  await next.step(0);
  expect(await next.result).toBe('next');
});
