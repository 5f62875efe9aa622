import { setTimeout as delay } from 'node:timers/promises';
import {
  CancellationTokenSource,
  Emitter,
  type CancellationToken,
  type MessageConnection,
  type ProgressType,
} from 'vscode-jsonrpc';
import { CancelledError, EngineError } from '../errors';
import type { Logger } from '../log';
import {
  calibrateRequest,
  chatProgress,
  chatRequest,
  countTokensRequest,
  forgetRequest,
  loadProgress,
  loadRequest,
  measureRequest,
  memoryRequest,
  policyNotification,
  simulateRequest,
  stateNotification,
  unloadRequest,
  type Calibration,
  type ChatMessage,
  type ChatProgress,
  type ChatRequest,
  type ChatResult,
  type EngineInfo,
  type EngineState,
  type LoadedModel,
  type LoadOptions,
  type MeasureResult,
  type MemoryResult,
  type ServePolicy,
  type SimulatedUse,
  type SimulateParams,
} from '../protocol/engine';
import type { EngineClient } from './engineClient';
import type { EngineProcess } from './engineProcess';
import { PartialAnswer } from './partialAnswer';
import type { ProcessWatch } from './processWatch';
import { fromResponseError } from './responseError';

/** How long to wait for the cause when the connection ends before its process does, ms. */
const causeMs = 2_000;
/** How long the connection of a process that ended may take to close, ms, and messages to be handed on after it. */
const closeMs = 250;
const drainMs = 10;
const defaultGraceMs = 3_000;

export interface ConnectedEngineParts {
  process: EngineProcess;
  watch: ProcessWatch;
  connection: MessageConnection;
  info: EngineInfo;
  logger: Logger;
  /** Takes the socket's file away; called once, at the end. */
  release: () => Promise<void>;
}

/** The client over a JSON-RPC connection. */
export class ConnectedEngine implements EngineClient {
  readonly info: EngineInfo;
  readonly ended: Promise<EngineError | undefined>;
  private readonly stateEmitter = new Emitter<EngineState>();
  readonly onState = this.stateEmitter.event;
  private readonly pending = new Set<(error: Error) => void>();
  private resolveEnded: (failure: EngineError | undefined) => void = () => undefined;
  /** What every request meets from now on; set once. */
  private over: EngineError | CancelledError | undefined;
  private closing = false;
  private nextToken = 0;

  constructor(private readonly parts: ConnectedEngineParts) {
    this.info = parts.info;
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
    parts.connection.onNotification(stateNotification, (state) => {
      this.stateEmitter.fire(state);
    });
    const closed = new Promise<void>((resolve) => {
      parts.connection.onClose(() => {
        resolve();
        void this.connectionLost();
      });
    });
    void parts.watch.ended.then(async (error) => {
      // The last words of an answer may still be on their way: they are part of what came.
      await Promise.race([closed, delay(closeMs, undefined, { ref: false })]);
      await delay(drainMs);
      this.finish(error);
    });
  }

  async load(
    options: LoadOptions,
    onProgress?: (fraction: number) => void,
    signal?: AbortSignal,
  ): Promise<LoadedModel> {
    if (signal?.aborted === true) throw new CancelledError();
    try {
      const model = await this.withProgress(
        loadProgress,
        ({ fraction }) => onProgress?.(fraction),
        (progressToken) =>
          this.request(
            (token) => this.parts.connection.sendRequest(loadRequest, { ...options, progressToken }, token),
            signal,
          ),
      );
      // The cancel came too late for the engine: what it loaded has to go again.
      if (isAborted(signal)) await this.unload();
      else return model;
    } catch (error) {
      if (!isAborted(signal)) throw error;
    }
    throw new CancelledError();
  }

  async unload(): Promise<void> {
    await this.request((token) => this.parts.connection.sendRequest(unloadRequest, token));
  }

  async chat(
    request: ChatRequest,
    onProgress: (progress: ChatProgress) => void,
    signal?: AbortSignal,
  ): Promise<ChatResult> {
    const partial = new PartialAnswer();
    if (signal?.aborted === true) return partial.cancelled();
    const listener = (progress: ChatProgress) => {
      partial.add(progress);
      onProgress(progress);
    };
    try {
      return await this.withProgress(chatProgress, listener, (progressToken) =>
        this.request(
          (token) => this.parts.connection.sendRequest(chatRequest, { ...request, progressToken }, token),
          signal,
        ),
      );
    } catch (error) {
      if (CancelledError.is(error)) return partial.cancelled();
      throw error;
    }
  }

  async measure(messages: ChatMessage[], signal?: AbortSignal): Promise<MeasureResult> {
    return await this.request(
      (token) => this.parts.connection.sendRequest(measureRequest, { messages }, token),
      signal,
    );
  }

  async countTokens(texts: string[]): Promise<number[]> {
    const { counts } = await this.request((token) =>
      this.parts.connection.sendRequest(countTokensRequest, { texts }, token),
    );
    return counts;
  }

  async simulate(params: SimulateParams, signal?: AbortSignal): Promise<SimulatedUse[]> {
    const { uses } = await this.request(
      (token) => this.parts.connection.sendRequest(simulateRequest, params, token),
      signal,
    );
    return uses;
  }

  async calibrate(onProgress?: (fraction: number) => void, signal?: AbortSignal): Promise<Calibration> {
    return await this.withProgress(
      loadProgress,
      ({ fraction }) => onProgress?.(fraction),
      (progressToken) =>
        this.request(
          (token) => this.parts.connection.sendRequest(calibrateRequest, { progressToken }, token),
          signal,
        ),
    );
  }

  async forget(conversation: string): Promise<void> {
    await this.request((token) => this.parts.connection.sendRequest(forgetRequest, { conversation }, token));
  }

  setPolicy(policy: ServePolicy): void {
    // A connection that was lost has no use for it.
    this.parts.connection.sendNotification(policyNotification, policy).catch(() => undefined);
  }

  async memory(): Promise<MemoryResult> {
    return await this.request((token) => this.parts.connection.sendRequest(memoryRequest, token));
  }

  async shutdown(graceMs = defaultGraceMs): Promise<void> {
    this.closing = true;
    // The engine ends when its last client is gone.
    this.finish(undefined);
    if (await this.parts.watch.endsWithin(graceMs)) return;
    this.parts.logger.warn(`The engine did not end within ${graceMs} ms: killed.`);
    this.parts.process.kill('SIGKILL');
    await this.parts.watch.endsWithin(graceMs);
  }

  dispose(): void {
    this.closing = true;
    if (!this.parts.watch.isEnded) this.parts.process.kill('SIGKILL');
    this.finish(undefined);
  }

  /** Sends one request; it settles with its answer or with the end of the session, whichever comes first. */
  private async request<R>(send: (token: CancellationToken) => Promise<R>, signal?: AbortSignal): Promise<R> {
    if (this.over !== undefined) throw this.over;
    const source = new CancellationTokenSource();
    const cancel = () => source.cancel();
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted === true) cancel();
    let giveUp: (error: Error) => void = () => undefined;
    try {
      return await new Promise<R>((resolve, reject) => {
        giveUp = reject;
        this.pending.add(giveUp);
        // A closed connection throws at once, a lost one rejects: the same here.
        const sent = async () => await send(source.token);
        sent().then(resolve, (error: unknown) => {
          const meaning = fromResponseError(error);
          if (meaning !== undefined) reject(meaning);
          // The end of the session, which is certain now, names the cause and rejects.
          else void this.connectionLost();
        });
      });
    } finally {
      this.pending.delete(giveUp);
      signal?.removeEventListener('abort', cancel);
      source.dispose();
    }
  }

  private async withProgress<P, R>(
    type: ProgressType<P>,
    listener: (value: P) => void,
    send: (progressToken: string) => Promise<R>,
  ): Promise<R> {
    if (this.over !== undefined) throw this.over;
    const progressToken = `progress-${this.nextToken++}`;
    const subscription = this.parts.connection.onProgress<P>(type, progressToken, listener);
    try {
      return await send(progressToken);
    } finally {
      subscription.dispose();
    }
  }

  /** The process's end tells more than the connection's, and mostly follows within moments. */
  private async connectionLost(): Promise<void> {
    if (this.over !== undefined || (await this.parts.watch.endsWithin(causeMs))) return;
    this.parts.process.kill('SIGKILL');
    const line = this.parts.watch.tellingLine;
    const detail = line === undefined ? 'connection lost' : `connection lost: ${line}`;
    this.finish(new EngineError({ reason: 'crashed', detail }));
  }

  private finish(failure: EngineError | undefined): void {
    if (this.over !== undefined) return;
    const failed = this.closing ? undefined : failure;
    this.over = failed ?? new CancelledError();
    if (failed !== undefined) this.logCrash(failed);
    for (const reject of this.pending) reject(this.over);
    this.pending.clear();
    this.parts.connection.dispose();
    this.stateEmitter.dispose();
    void this.parts.release();
    this.resolveEnded(failed);
  }

  private logCrash(failure: EngineError): void {
    const lines = this.parts.watch.output.map((line) => `  ${line}`);
    this.parts.logger.error([`The engine ended. ${failure.failure.detail}`, ...lines].join('\n'));
  }
}

/** Read anew: the compiler would hold an earlier answer to be true still. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
