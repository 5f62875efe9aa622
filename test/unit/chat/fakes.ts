import { PrefillRate } from '../../../src/ask/prefillRate';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Emitter } from 'vscode-jsonrpc/node';
import { ChatSession, type ChatSessionDeps } from '../../../src/chat/chatSession';
import { chatWords } from '../../../src/chat/chatWords';
import type { Clock } from '../../../src/chat/clock';
import { settingDefaults, type SettingKey, type SettingTypes } from '../../../src/contributions';
import type { Engine, EngineSnapshot } from '../../../src/engineClient/engine';
import { CancelledError } from '../../../src/errors';
import { silentLogger } from '../../../src/log';
import { cancelledCompletion } from '../../../src/protocol/cancelledCompletion';
import type {
  Calibration,
  ChatMessage,
  ChatProgress,
  ChatRequest,
  ChatResult,
  CompleteResult,
  LoadedModel,
  MeasureResult,
  MemoryResult,
  SimulatedUse,
} from '../../../src/protocol/engine';
import type { AnswerView, ChatEvent, UserMessageView } from '../../../src/protocol/webview';
import { loadedModel } from '../../support/loadedModel';

export const words = chatWords((message, ...values) =>
  message.replaceAll(/\{(\d)\}/g, (_match, index) => String(values[Number(index)])),
);

export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'layercake-chat-'));
}

/** Time that stands still until it is moved. */
export class FakeClock implements Clock {
  #now = 1_000_000;
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((other) => other !== timer));
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    const due = this.#timers.filter((timer) => timer.at <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.at > this.#now);
    for (const { callback } of due) callback();
  }
}

/** One request that the test answers by hand. */
export class FakeCall {
  readonly promise: Promise<ChatResult>;
  #resolve!: (result: ChatResult) => void;
  #reject!: (error: Error) => void;
  #text = '';

  constructor(
    readonly request: ChatRequest,
    readonly signal: AbortSignal,
    readonly onProgress: (progress: ChatProgress) => void,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  prefill(done: number, total: number, tokensPerSecond = 100): void {
    this.onProgress({ kind: 'prefill', done, total, reused: 0, tokensPerSecond });
  }

  text(text: string): void {
    this.#text += text;
    this.onProgress({ kind: 'text', text, tokens: 1, tokensPerSecond: 10 });
  }

  thought(text: string): void {
    this.onProgress({ kind: 'thought', text, tokens: 1, tokensPerSecond: 10 });
  }

  end(result: Partial<ChatResult> = {}): void {
    this.#resolve({
      ...{ text: this.#text, thought: '', stopReason: 'end', promptTokens: 50, reusedTokens: 40 },
      ...{ outputTokens: 5, thoughtTokens: 0, prefillMs: 100, firstTokenMs: 1500, decodeMs: 400 },
      ...{ tokensPerSecond: 10, ...result },
    });
  }

  fail(error: Error): void {
    this.#reject(error);
  }
}

/** A tokenizer of one token a character, and requests that wait for the test. */
export class FakeEngine implements Engine {
  readonly calls: FakeCall[] = [];
  readonly measured: ChatMessage[][] = [];
  readonly #changes = new Emitter<EngineSnapshot>();
  snapshot: EngineSnapshot;

  constructor(contextSize = 10_000) {
    const model = loadedModel({ contextSize, trainContextSize: contextSize, supportsThinking: true });
    this.snapshot = { state: { kind: 'ready' }, info: undefined, model, runtime: undefined };
  }

  get onDidChange(): Engine['onDidChange'] {
    return this.#changes.event;
  }

  change(snapshot: Partial<EngineSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...snapshot };
    this.#changes.fire(this.snapshot);
  }

  get model(): LoadedModel {
    if (this.snapshot.model === undefined) throw new Error('no model');
    return this.snapshot.model;
  }

  load(): Promise<LoadedModel> {
    return Promise.resolve(this.model);
  }

  unload(): Promise<void> {
    return Promise.resolve();
  }

  chat(
    request: ChatRequest,
    onProgress: (progress: ChatProgress) => void,
    signal: AbortSignal,
  ): Promise<ChatResult> {
    const call = new FakeCall(request, signal, onProgress);
    this.calls.push(call);
    return call.promise;
  }

  complete(): Promise<CompleteResult> {
    return Promise.resolve(cancelledCompletion);
  }

  measure(messages: ChatMessage[]): Promise<MeasureResult> {
    this.measured.push(messages);
    const perMessage = messages.map(({ content }) => content.length);
    const total = perMessage.reduce((sum, count) => sum + count, 0);
    return Promise.resolve({ total, perMessage, contextSize: this.model.contextSize });
  }

  countTokens(texts: string[]): Promise<number[]> {
    return Promise.resolve(texts.map(({ length }) => length));
  }

  simulate(): Promise<SimulatedUse[]> {
    return Promise.resolve([]);
  }

  calibrate(): Promise<Calibration> {
    return Promise.reject(new Error('not here'));
  }

  readonly forgotten: string[] = [];

  forget(conversation: string): Promise<void> {
    this.forgotten.push(conversation);
    return Promise.resolve();
  }

  setPolicy(): void {
    // Nothing that a test looks at.
  }

  memory(): Promise<MemoryResult> {
    return Promise.resolve({ rssBytes: 0, devices: [] });
  }
}

export interface Harness {
  session: ChatSession;
  engine: FakeEngine;
  clock: FakeClock;
  folder: string;
  events: ChatEvent[];
  notified: string[];
  settings: Partial<SettingTypes>;
  /** The nth request, once the session has made it. */
  call(index: number): Promise<FakeCall>;
  answer(index: number): AnswerView;
  users(): string[];
}

/** A session over a fake engine and a real folder. */
export function startSession(change: Partial<ChatSessionDeps> & { engine?: FakeEngine } = {}): Harness {
  const engine = change.engine ?? new FakeEngine();
  const clock = new FakeClock();
  const folder = change.folder ?? temporaryFolder();
  const settings: Partial<SettingTypes> = { 'sampling.maxTokens': 100 };
  const events: ChatEvent[] = [];
  const notified: string[] = [];
  let ids = 0;
  const prefix = Math.random().toString(36).slice(2);
  const session = new ChatSession({
    readiness: {
      configuredPath: () => engine.snapshot.model?.path,
      ensureLoaded: (signal) => (signal.aborted ? Promise.reject(new CancelledError()) : engine.load()),
    },
    read: <K extends SettingKey>(key: K) => settings[key] ?? settingDefaults[key],
    engineView: () => ({
      ...{ state: engine.snapshot.state, model: engine.snapshot.model },
      ...{ configuredModel: 'A', failure: undefined },
    }),
    describeFailure: ({ reason, detail }) => ({ message: `${reason}: ${detail}`, action: 'showLog' }),
    systemPrompt: 'SYSTEM',
    reopenLast: true,
    readAgents: () => Promise.resolve(undefined),
    reveal: () => Promise.resolve(),
    notify: (message) => notified.push(message),
    isFocused: () => true,
    newId: () => `${prefix}-${ids++}`,
    ...{ clock, folder, words, log: silentLogger, rate: new PrefillRate() },
    ...change,
    engine,
  });
  session.onEvent((event) => events.push(event));
  const messages = () => session.snapshot().conversation.messages;
  return {
    ...{ session, engine, clock, folder, events, notified, settings },
    async call(index) {
      for (let tries = 0; tries < 200; tries++) {
        const call = engine.calls[index];
        if (call !== undefined) return call;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(`no request ${index}; messages: ${JSON.stringify(messages())}`);
    },
    answer(index) {
      const answer = messages().filter((message) => message.role === 'assistant')[index];
      if (answer === undefined) throw new Error(`no answer ${index}`);
      return answer;
    },
    users: () =>
      messages()
        .filter((message): message is UserMessageView => message.role === 'user')
        .map(({ text }) => text),
  };
}
