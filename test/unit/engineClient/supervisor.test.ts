import { setImmediate as turn } from 'node:timers/promises';
import { Emitter } from 'vscode-jsonrpc';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/engineClient/clock';
import type { RuntimeDescription } from '../../../src/engineClient/engine';
import type { EngineClient, StartEngineOptions } from '../../../src/engineClient/engineClient';
import { EngineSupervisor } from '../../../src/engineClient/supervisor';
import { CancelledError, EngineError } from '../../../src/errors';
import type {
  BackendChoice,
  ChatResult,
  EngineState,
  LoadedModel,
  LoadOptions,
} from '../../../src/protocol/engine';
import { KeepingLogger } from './keepingLogger';
import { info, modelFor, optionsFor, requestFor, resultOf } from './samples';

const never = new AbortController().signal;
const runtime: RuntimeDescription = {
  path: '/usr/bin/node',
  kind: 'node',
  version: '22.0.0',
  source: 'path',
};
const optionsA = optionsFor('/a.gguf');
const optionsB = optionsFor('/b.gguf');

interface Pending<T> {
  resolve: (value: T) => void;
  reject: (error: Error) => void;
}

/** An engine whose every answer the test gives. */
class FakeClient implements EngineClient {
  readonly info = info;
  private readonly stateEmitter = new Emitter<EngineState>();
  readonly onState = this.stateEmitter.event;
  private resolveEnded: (failure: EngineError | undefined) => void = () => undefined;
  readonly ended = new Promise<EngineError | undefined>((resolve) => {
    this.resolveEnded = resolve;
  });
  readonly loads: (Pending<LoadedModel> & {
    options: LoadOptions;
    progress: (fraction: number) => void;
    signal: AbortSignal | undefined;
  })[] = [];
  readonly chats: (Pending<ChatResult> & { signal: AbortSignal | undefined })[] = [];
  isOver = false;
  shutdowns = 0;

  load(options: LoadOptions, progress: (fraction: number) => void = () => undefined, signal?: AbortSignal) {
    return new Promise<LoadedModel>((resolve, reject) => {
      this.loads.push({ options, progress, signal, resolve, reject });
    });
  }

  chat(_request: unknown, _onProgress: unknown, signal?: AbortSignal) {
    return new Promise<ChatResult>((resolve, reject) => {
      this.chats.push({ signal, resolve, reject });
    });
  }

  finishLoad(index = this.loads.length - 1): void {
    const load = this.loads[index];
    load?.resolve(modelFor(load.options));
  }

  tell(state: EngineState): void {
    this.stateEmitter.fire(state);
  }

  crash(detail: string): void {
    this.end(new EngineError({ reason: 'crashed', detail }));
  }

  shutdown(): Promise<void> {
    this.shutdowns++;
    this.end(undefined);
    return Promise.resolve();
  }

  dispose(): void {
    this.end(undefined);
  }

  private end(failure: EngineError | undefined): void {
    this.isOver = true;
    for (const { reject } of this.loads) reject(failure ?? new CancelledError());
    for (const { resolve, reject } of this.chats) {
      if (failure === undefined) resolve(resultOf('', 'cancelled'));
      else reject(failure);
    }
    this.resolveEnded(failure);
  }

  unload = () => Promise.resolve();
  measure = () => Promise.resolve({ total: 7, perMessage: [7], contextSize: 512 });
  countTokens = (texts: string[]) => Promise.resolve(texts.map(() => 1));
  memory = () => Promise.resolve({ rssBytes: 5, devices: [] });
}

class FakeClock implements Clock {
  private time = 0;
  private timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + ms, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  advance(ms: number): void {
    this.time += ms;
    for (const timer of this.timers) {
      if (timer.at <= this.time && this.timers.delete(timer)) timer.callback();
    }
  }
}

let clients: FakeClient[];
let starts: StartEngineOptions[];
let clock: FakeClock;
let backend: BackendChoice;
let states: string[];
/** What starting does; by default it succeeds at once. */
let startWith: () => Promise<EngineClient>;
let findRuntime: () => Promise<RuntimeDescription>;
let supervisor: EngineSupervisor;

beforeEach(() => {
  clients = [];
  starts = [];
  states = [];
  clock = new FakeClock();
  backend = 'auto';
  findRuntime = () => Promise.resolve(runtime);
  startWith = () => {
    const client = new FakeClient();
    clients.push(client);
    return Promise.resolve(client);
  };
  supervisor = new EngineSupervisor({
    enginePath: '/app/engine.mjs',
    backend: () => backend,
    findRuntime: () => findRuntime(),
    logger: new KeepingLogger(),
    startEngine: (options) => {
      starts.push(options);
      return startWith();
    },
    clock,
  });
  supervisor.onDidChange(({ state }) => {
    if (states.at(-1) !== state.kind) states.push(state.kind);
  });
});

function lastClient(): FakeClient {
  const client = clients.at(-1);
  if (client === undefined) throw new Error('No engine was started');
  return client;
}

async function loaded(options = optionsA): Promise<FakeClient> {
  const loading = supervisor.load(options);
  await turn();
  lastClient().finishLoad();
  await loading;
  return lastClient();
}

async function failureOf(promise: Promise<unknown>) {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!EngineError.is(error)) throw new Error(`Not an EngineError: ${String(error)}`);
  return error.failure;
}

describe('loading', () => {
  it('starts the process, tells each state and keeps what was loaded', async () => {
    const fractions: number[] = [];
    backend = 'vulkan';
    const loading = supervisor.load(optionsA, (fraction) => fractions.push(fraction));
    await turn();
    expect(starts).toMatchObject([
      { runtimePath: '/usr/bin/node', enginePath: '/app/engine.mjs', backend: 'vulkan', electron: false },
    ]);
    lastClient().loads[0]?.progress(0.5);
    expect(supervisor.snapshot.state).toEqual({ kind: 'loading', modelPath: '/a.gguf', progress: 0.5 });
    lastClient().finishLoad();
    expect(await loading).toEqual(modelFor(optionsA));
    expect(supervisor.snapshot).toEqual({
      state: { kind: 'ready' },
      info,
      model: modelFor(optionsA),
      runtime,
    });
    expect(fractions).toEqual([0, 0.5]);
    expect(states).toEqual(['starting', 'loading', 'ready']);
  });

  it('is done once for callers that want the same', async () => {
    const both = Promise.all([supervisor.load(optionsA), supervisor.load({ ...optionsA })]);
    await turn();
    expect([starts.length, lastClient().loads.length]).toEqual([1, 1]);
    lastClient().finishLoad();
    const [one, two] = await both;
    expect(one).toBe(two);
  });

  it('uses the process that runs, but a new one where the backend has changed', async () => {
    const first = await loaded();
    await loaded(optionsB);
    expect(clients).toEqual([first]);
    backend = 'cpu';
    await loaded();
    expect([clients.length, first.shutdowns, starts[1]?.backend]).toEqual([2, 1, 'cpu']);
  });

  it('of something else takes the place of one that runs', async () => {
    const first = supervisor.load(optionsA);
    const firstEnds = expect(first).rejects.toBeInstanceOf(CancelledError);
    await turn();
    const second = supervisor.load(optionsB);
    const [load] = lastClient().loads;
    expect(load?.signal?.aborted).toBe(true);
    await turn();
    expect(lastClient().loads.length).toBe(1);
    load?.reject(new CancelledError());
    await firstEnds;
    await turn();
    lastClient().finishLoad();
    expect((await second).path).toBe('/b.gguf');
    expect(supervisor.snapshot.model?.path).toBe('/b.gguf');
  });

  it('that fails tells why and leaves the process for the next', async () => {
    const loading = supervisor.load(optionsA);
    await turn();
    lastClient().loads[0]?.reject(new EngineError({ reason: 'modelMissing', detail: 'ENOENT' }));
    expect((await failureOf(loading)).reason).toBe('modelMissing');
    expect(supervisor.snapshot.state).toEqual({
      kind: 'failed',
      error: { reason: 'modelMissing', detail: 'ENOENT' },
    });
    await loaded(optionsB);
    expect([supervisor.snapshot.state.kind, clients.length]).toEqual(['ready', 1]);
  });

  it('passes on that no runtime was found', async () => {
    findRuntime = () => Promise.reject(new EngineError({ reason: 'noRuntime', detail: 'none' }));
    expect((await failureOf(supervisor.load(optionsA))).reason).toBe('noRuntime');
    expect(supervisor.snapshot.state.kind).toBe('failed');
    findRuntime = () => Promise.resolve(runtime);
    await loaded();
  });

  it('stops answers that run', async () => {
    const client = await loaded();
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    const loading = supervisor.load(optionsB);
    await turn();
    expect(client.chats[0]?.signal?.aborted).toBe(true);
    expect(client.loads.length).toBe(1);
    client.chats[0]?.resolve(resultOf('Hel', 'cancelled'));
    expect((await answer).text).toBe('Hel');
    await turn();
    client.finishLoad();
    await loading;
  });
});

describe('a cancelled load', () => {
  it('leaves nothing loaded, now and for the next prompt', async () => {
    const abort = new AbortController();
    const loading = supervisor.load(optionsA, undefined, abort.signal);
    const ends = expect(loading).rejects.toBeInstanceOf(CancelledError);
    await turn();
    abort.abort();
    expect(lastClient().loads[0]?.signal?.aborted).toBe(true);
    lastClient().loads[0]?.reject(new CancelledError());
    await ends;
    expect(supervisor.snapshot).toMatchObject({ state: { kind: 'stopped' }, model: undefined });
    const prompt = supervisor.chat(requestFor('x'), () => undefined, never);
    expect((await failureOf(prompt)).reason).toBe('noModel');
  });

  it('goes on while another caller waits for it', async () => {
    const abort = new AbortController();
    const impatient = supervisor.load(optionsA, undefined, abort.signal);
    const patient = supervisor.load(optionsA);
    await turn();
    abort.abort();
    await expect(impatient).rejects.toBeInstanceOf(CancelledError);
    expect(lastClient().loads[0]?.signal?.aborted).toBe(false);
    lastClient().finishLoad();
    expect((await patient).path).toBe('/a.gguf');
  });

  it('ends where all its callers give up at once', async () => {
    const abort = new AbortController();
    const both = [1, 2].map(() => supervisor.load(optionsA, undefined, abort.signal));
    const end = Promise.allSettled(both);
    await turn();
    abort.abort();
    expect(lastClient().loads[0]?.signal?.aborted).toBe(true);
    lastClient().loads[0]?.reject(new CancelledError());
    for (const outcome of await end) expect(outcome.status).toBe('rejected');
  });

  it('is over at once while the process still starts', async () => {
    findRuntime = () => new Promise(() => undefined);
    const abort = new AbortController();
    const loading = supervisor.load(optionsA, undefined, abort.signal);
    await turn();
    abort.abort();
    await expect(loading).rejects.toBeInstanceOf(CancelledError);
    expect(supervisor.snapshot.state.kind).toBe('stopped');
  });

  it('kills an engine that does not give it up', async () => {
    const abort = new AbortController();
    const loading = supervisor.load(optionsA, undefined, abort.signal);
    const ends = expect(loading).rejects.toBeInstanceOf(CancelledError);
    await turn();
    abort.abort();
    clock.advance(4_900);
    expect(lastClient().isOver).toBe(false);
    clock.advance(200);
    expect(lastClient().isOver).toBe(true);
    await ends;
    await turn();
    expect(supervisor.snapshot).toMatchObject({ state: { kind: 'stopped' }, info: undefined });
  });
});

describe('a crash', () => {
  it('during a load fails it and names the cause', async () => {
    const loading = supervisor.load(optionsA);
    await turn();
    lastClient().crash('SIGABRT: out of memory');
    expect(await failureOf(loading)).toEqual({ reason: 'crashed', detail: 'SIGABRT: out of memory' });
    expect(supervisor.snapshot).toMatchObject({
      state: { kind: 'failed', error: { reason: 'crashed', detail: 'SIGABRT: out of memory' } },
      info: undefined,
    });
  });

  it('during an answer fails it; the next prompt starts and loads again', async () => {
    const first = await loaded();
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    first.tell({ kind: 'generating', rate: 10, tokens: 3 });
    first.crash('SIGKILL');
    expect(await failureOf(answer)).toEqual({ reason: 'crashed', detail: 'SIGKILL' });
    expect(supervisor.snapshot).toMatchObject({ state: { kind: 'failed' }, model: undefined });

    const next = supervisor.chat(requestFor('y'), () => undefined, never);
    await turn();
    const second = lastClient();
    expect(second).not.toBe(first);
    expect(second.loads[0]?.options).toEqual(optionsA);
    second.finishLoad();
    await turn();
    second.chats[0]?.resolve(resultOf('there'));
    expect((await next).text).toBe('there');
    expect(supervisor.snapshot.state.kind).toBe('ready');
  });

  it('leads to at most four restarts in three minutes', async () => {
    const crashOnce = async () => {
      const failure = failureOf(supervisor.load(optionsA));
      await turn();
      if (!lastClient().isOver) lastClient().crash('SIGSEGV');
      return await failure;
    };
    for (let crash = 1; crash <= 5; crash++) {
      expect(await crashOnce()).toEqual({ reason: 'crashed', detail: 'SIGSEGV' });
      clock.advance(1_000);
    }
    expect(await crashOnce()).toEqual({ reason: 'crashed', detail: 'SIGSEGV', restarts: 4 });
    expect(clients.length).toBe(5);
    expect(supervisor.snapshot.state.kind).toBe('failed');

    clock.advance(3 * 60_000);
    expect(await crashOnce()).not.toHaveProperty('restarts');
    expect(clients.length).toBe(6);
  });

  it.each([
    ['after an unload', () => supervisor.unload(), optionsA],
    ['with other options', () => Promise.resolve(), { ...optionsA, gpuLayers: 5 }],
  ])('too often does not hinder a load %s', async (_when, prepare, options) => {
    startWith = () => Promise.reject(new EngineError({ reason: 'crashed', detail: 'exit code 1' }));
    for (let crash = 1; crash <= 6; crash++) await failureOf(supervisor.load(optionsA));
    expect(starts.length).toBe(5);
    startWith = () => {
      clients.push(new FakeClient());
      return Promise.resolve(lastClient());
    };
    await prepare();
    await loaded(options);
  });

  it('of an idle engine is told at once', async () => {
    const client = await loaded();
    client.crash('SIGKILL');
    await turn();
    expect(supervisor.snapshot.state).toMatchObject({ kind: 'failed', error: { detail: 'SIGKILL' } });
  });
});

describe('answers', () => {
  it('need something to load', async () => {
    const prompt = supervisor.chat(requestFor('x'), () => undefined, never);
    expect((await failureOf(prompt)).reason).toBe('noModel');
    expect((await failureOf(supervisor.measure([]))).reason).toBe('noModel');
    expect((await failureOf(supervisor.countTokens([]))).reason).toBe('noModel');
  });

  it('wait for a load under way', async () => {
    const loading = supervisor.load(optionsA);
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    expect(lastClient().chats.length).toBe(0);
    lastClient().finishLoad();
    await loading;
    await turn();
    lastClient().chats[0]?.resolve(resultOf('Hello'));
    expect((await answer).text).toBe('Hello');
    expect(lastClient().loads.length).toBe(1);
  });

  it('show the states that the engine tells, and ready at the end', async () => {
    const client = await loaded();
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    client.tell({ kind: 'prefilling', done: 1, total: 2, tokensPerSecond: 3 });
    client.tell({ kind: 'generating', rate: 10, tokens: 3 });
    expect(supervisor.snapshot.state).toEqual({ kind: 'generating', rate: 10, tokens: 3 });
    client.chats[0]?.resolve(resultOf('Hello'));
    await answer;
    expect(states.slice(-3)).toEqual(['prefilling', 'generating', 'ready']);
  });

  it('are cancelled in the engine, and before the model is there', async () => {
    const client = await loaded();
    const abort = new AbortController();
    const answer = supervisor.chat(requestFor('x'), () => undefined, abort.signal);
    await turn();
    abort.abort();
    expect(client.chats[0]?.signal?.aborted).toBe(true);
    client.chats[0]?.resolve(resultOf('Hel', 'cancelled'));
    expect((await answer).text).toBe('Hel');

    await supervisor.unload();
    const waiting = new AbortController();
    const early = supervisor.chat(requestFor('x'), () => undefined, waiting.signal);
    await turn();
    waiting.abort();
    lastClient().loads[0]?.reject(new CancelledError());
    expect((await early).stopReason).toBe('cancelled');
  });
});

describe('unloading', () => {
  it('ends the process and keeps the options for the next prompt', async () => {
    const client = await loaded();
    await supervisor.unload();
    expect([client.shutdowns, supervisor.snapshot.state.kind]).toEqual([1, 'stopped']);
    expect(supervisor.snapshot).toMatchObject({ info: undefined, model: undefined });
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    expect(lastClient().loads[0]?.options).toEqual(optionsA);
    lastClient().finishLoad();
    await turn();
    lastClient().chats[0]?.resolve(resultOf('Hello'));
    await answer;
  });

  it('ends an answer under way as cancelled', async () => {
    await loaded();
    const answer = supervisor.chat(requestFor('x'), () => undefined, never);
    await turn();
    await supervisor.unload();
    expect((await answer).stopReason).toBe('cancelled');
  });

  it('waits for the old process before a new one is started', async () => {
    const client = await loaded();
    let gone: () => void = () => undefined;
    client.shutdown = () => new Promise((resolve) => (gone = resolve));
    const unloading = supervisor.unload();
    await turn();
    const loading = supervisor.load(optionsA);
    await turn();
    expect(clients.length).toBe(1);
    gone();
    await unloading;
    await turn();
    expect(clients.length).toBe(2);
    lastClient().finishLoad();
    await loading;
  });

  it('by dispose kills, and nothing starts any more', async () => {
    const client = await loaded();
    supervisor.dispose();
    expect(client.isOver).toBe(true);
    await expect(supervisor.load(optionsA)).rejects.toBeInstanceOf(CancelledError);
    expect(starts.length).toBe(1);
  });
});
