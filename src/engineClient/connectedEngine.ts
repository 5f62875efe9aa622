import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { CancellationToken, MessageConnection, ProgressType } from 'vscode-jsonrpc';
import { CancelledError, EngineError } from '../errors';
import type { Logger } from '../log';
import {
  calibrateRequest,
  chatProgress,
  chatRequest,
  completeRequest,
  countTokensRequest,
  endRequest,
  forgetRequest,
  loadProgress,
  loadRequest,
  measureRequest,
  memoryRequest,
  policyNotification,
  simulateRequest,
  unloadRequest,
  type Calibration,
  type ChatMessage,
  type ChatProgress,
  type ChatRequest,
  type ChatResult,
  type CompleteRequest,
  type CompleteResult,
  type EngineInfo,
  type EngineState,
  type Farewell,
  type LoadedModel,
  type LoadOptions,
  type MeasureResult,
  type MemoryResult,
  type ServedModel,
  type ServePolicy,
  type SimulatedUse,
  type SimulateParams,
} from '../protocol/engine';
import { cancelledCompletion } from '../protocol/cancelledCompletion';
import type { EngineClient } from './engineClient';
import type { EngineProcess } from './engineProcess';
import type { EngineNews } from './engineNews';
import { Liveness } from './liveness';
import { PartialAnswer } from './partialAnswer';
import { PendingRequests } from './pendingRequests';
import type { ProcessWatch } from './processWatch';

/** How long to wait for the cause when the connection ends before its process does, ms. */
const causeMs = 2_000;
/** How long the connection of a process that ended may take to close, ms, and messages to be handed on after it. */
const closeMs = 250;
const drainMs = 10;
/** An engine that ends says every second that it lives, ms. */
const defaultSilenceMs = 3_000;

export interface ConnectedEngineParts {
  process: EngineProcess;
  watch: ProcessWatch;
  socket: Socket;
  connection: MessageConnection;
  news: EngineNews;
  info: EngineInfo;
  logger: Logger;
  /** Whether other windows may use the process too. */
  shared: boolean;
}

/** The client over a JSON-RPC connection. */
export class ConnectedEngine implements EngineClient {
  readonly info: EngineInfo;
  readonly ended: Promise<EngineError | undefined>;
  readonly onState: EngineNews['onState'];
  readonly onServed: EngineNews['onServed'];
  farewell: Farewell | undefined;
  private readonly liveness = new Liveness();
  readonly onSilence = this.liveness.onSilence;
  private readonly requests = new PendingRequests(() => void this.connectionLost());
  private resolveEnded: (failure: EngineError | undefined) => void = () => undefined;
  private closing = false;
  private awaitsEnd = false;
  private isFinished = false;
  private nextToken = 0;

  constructor(private readonly parts: ConnectedEngineParts) {
    this.info = parts.info;
    this.onState = parts.news.onState;
    this.onServed = parts.news.onServed;
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
    // Any message at all, whichever request it belongs to.
    parts.socket.on('data', () => this.liveness.heard());
    parts.news.onFarewell((farewell) => {
      this.farewell = farewell;
      this.closing = true;
      this.finish(undefined);
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

  get state(): EngineState {
    return this.parts.news.state;
  }

  get served(): ServedModel | undefined {
    return this.parts.news.served;
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

  async complete(request: CompleteRequest, signal: AbortSignal): Promise<CompleteResult> {
    try {
      return await this.request(
        (token) => this.parts.connection.sendRequest(completeRequest, request, token),
        signal,
      );
    } catch (error) {
      if (CancelledError.is(error)) return cancelledCompletion;
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
    const send = async () => await this.parts.connection.sendNotification(policyNotification, policy);
    send().catch(() => undefined);
  }

  async memory(): Promise<MemoryResult> {
    return await this.request((token) => this.parts.connection.sendRequest(memoryRequest, token));
  }

  leave(): void {
    this.closing = true;
    this.finish(undefined);
  }

  async shutdown(silenceMs = defaultSilenceMs): Promise<void> {
    const { connection, watch } = this.parts;
    this.closing = true;
    this.awaitsEnd = true;
    if (this.requests.over === undefined) {
      // It throws at once where the connection is closed already.
      const ask = async () => await connection.sendRequest(endRequest);
      const asked = ask().catch(() => undefined);
      this.requests.settle(new CancelledError());
      await Promise.race([asked, delay(silenceMs, undefined, { ref: false })]);
      this.finish(undefined);
    }
    await watch.untilGone(silenceMs);
  }

  dispose(): void {
    this.closing = true;
    if (!this.parts.watch.isEnded) this.parts.process.kill('SIGKILL');
    this.finish(undefined);
  }

  private async request<R>(send: (token: CancellationToken) => Promise<R>, signal?: AbortSignal): Promise<R> {
    try {
      return await this.liveness.during(() => this.requests.run(send, signal));
    } finally {
      // What the engine said meanwhile is in the log before its answer has effects.
      this.parts.process.look();
    }
  }

  private async withProgress<P, R>(
    type: ProgressType<P>,
    listener: (value: P) => void,
    send: (progressToken: string) => Promise<R>,
  ): Promise<R> {
    if (this.requests.over !== undefined) throw this.requests.over;
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
    if (this.requests.over !== undefined || (await this.parts.watch.endsWithin(causeMs))) return;
    if (!this.parts.shared) this.parts.process.kill('SIGKILL');
    const line = this.parts.watch.tellingLine;
    const detail = line === undefined ? 'connection lost' : `connection lost: ${line}`;
    this.finish(new EngineError({ reason: 'crashed', detail }));
  }

  /** Ends the session, once. */
  private finish(failure: EngineError | undefined): void {
    if (this.isFinished) return;
    this.isFinished = true;
    const failed = this.closing ? undefined : failure;
    if (failed !== undefined) this.logCrash(failed);
    this.requests.settle(failed ?? new CancelledError());
    this.parts.connection.dispose();
    this.parts.news.dispose();
    this.liveness.dispose();
    // Its last lines tell that it still works.
    if (!this.awaitsEnd) this.parts.process.release();
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
