import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Disposable } from 'vscode-jsonrpc';
import type { Clock } from '../../../src/engineClient/clock';
import type { RuntimeDescription } from '../../../src/engineClient/engine';
import type { EngineClient } from '../../../src/engineClient/engineClient';
import type { EngineStart } from '../../../src/engineClient/sharedEngines';
import { EngineSupervisor } from '../../../src/engineClient/supervisor';
import { EngineError } from '../../../src/errors';
import type { BackendChoice } from '../../../src/protocol/engine';
import { FakeClient } from './fakeClient';
import { KeepingLogger } from './keepingLogger';
import { optionsFor } from './samples';

export const never = new AbortController().signal;
export const runtime: RuntimeDescription = {
  path: '/usr/bin/node',
  kind: 'node',
  version: '22.0.0',
  source: 'path',
};
export const optionsA = optionsFor('/a.gguf');
export const optionsB = optionsFor('/b.gguf');

export class FakeClock implements Clock {
  private time = 0;
  private timers = new Set<{ at: number; callback: () => void }>();

  get timerCount(): number {
    return this.timers.size;
  }

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
    for (const timer of [...this.timers]) {
      if (timer.at <= this.time && this.timers.delete(timer)) timer.callback();
    }
  }
}

/** A supervisor of fake engines. */
export class SupervisorFixture {
  readonly clients: FakeClient[] = [];
  readonly starts: EngineStart[] = [];
  /** Kinds of the states told, each once in a row. */
  readonly states: string[] = [];
  readonly clock = new FakeClock();
  backend: BackendChoice = 'auto';
  /** A new one for each fixture; not made before something is saved. */
  readonly snapshotFolder = join(tmpdir(), `layercake-states-${randomUUID()}`);
  findRuntime = () => Promise.resolve(runtime);
  /** What starting does; by default it succeeds at once. */
  startWith = (): Promise<EngineClient> => {
    const client = new FakeClient();
    this.clients.push(client);
    return Promise.resolve(client);
  };
  /** The engine that other windows use. */
  others: FakeClient | undefined;
  /** Says that another window has started one. */
  othersStarted: () => void = () => undefined;
  readonly supervisor = new EngineSupervisor({
    enginePath: '/app/engine.mjs',
    backend: () => this.backend,
    findRuntime: () => this.findRuntime(),
    snapshotFolder: this.snapshotFolder,
    logger: new KeepingLogger(),
    engines: {
      join: () => Promise.resolve(this.others && { client: this.others, runtime }),
      start: async (start) => {
        this.starts.push(start);
        return { client: await this.startWith(), runtime: start.runtime };
      },
      follow: (_logger, onStarted) => {
        this.othersStarted = onStarted;
        return Promise.resolve(Disposable.create(() => undefined));
      },
    },
    clock: this.clock,
  });

  constructor() {
    this.supervisor.onDidChange(({ state }) => {
      if (this.states.at(-1) !== state.kind) this.states.push(state.kind);
    });
  }

  lastClient(): FakeClient {
    const client = this.clients.at(-1);
    if (client === undefined) throw new Error('No engine was started');
    return client;
  }

  async loaded(options = optionsA): Promise<FakeClient> {
    const loading = this.supervisor.load(options);
    await turn();
    this.lastClient().finishLoad();
    await loading;
    return this.lastClient();
  }
}

export async function failureOf(promise: Promise<unknown>) {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!EngineError.is(error)) throw new Error(`Not an EngineError: ${String(error)}`);
  return error.failure;
}
