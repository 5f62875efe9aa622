import { randomBytes } from 'node:crypto';
import type { Event, MessageConnection } from 'vscode-jsonrpc';
import { CancelledError, EngineError } from '../errors';
import { subLogger, type Logger } from '../log';
import {
  initializeRequest,
  protocolVersion,
  type BackendChoice,
  type ChatProgress,
  type ChatRequest,
  type ChatResult,
  type EngineFailure,
  type EngineInfo,
  type EngineState,
  type LoadedModel,
  type LoadOptions,
} from '../protocol/engine';
import { createConnection, openSocket } from './connection';
import { ConnectedEngine } from './connectedEngine';
import type { Engine } from './engine';
import { engineEnvironment } from './environment';
import { spawnEngine, type EngineProcess, type SpawnEngine } from './engineProcess';
import { ProcessWatch } from './processWatch';
import { fromResponseError } from './responseError';
import { createSocketLocation, socketSurroundings } from './socketPath';

/** One engine process and the connection to it. The supervisor's tests put a fake in its place. */
export interface EngineClient extends Pick<
  Engine,
  'measure' | 'countTokens' | 'simulate' | 'calibrate' | 'memory' | 'forget' | 'setPolicy'
> {
  readonly info: EngineInfo;
  readonly onState: Event<EngineState>;
  /** Resolves when the session is over: with the failure, or with undefined where it was ended from here. */
  readonly ended: Promise<EngineError | undefined>;
  /** Rejects with `EngineError`, or with `CancelledError` once `signal` is aborted; then nothing is loaded. */
  load(
    options: LoadOptions,
    onProgress?: (fraction: number) => void,
    signal?: AbortSignal,
  ): Promise<LoadedModel>;
  /** Frees the model; the process stays and keeps some of the memory. */
  unload(): Promise<void>;
  /** A cancel is a result, and so is `shutdown`: it holds what came until then. */
  chat(
    request: ChatRequest,
    onProgress: (progress: ChatProgress) => void,
    signal?: AbortSignal,
  ): Promise<ChatResult>;
  /** Lets the process end by itself, then kills it after `graceMs`. Requests under way end as cancelled. */
  shutdown(graceMs?: number): Promise<void>;
  /** Kills the process at once. */
  dispose(): void;
}

export interface StartEngineOptions {
  /** Where the engine keeps saved states from one run to the next; absent: none are kept. */
  snapshotFolder?: string;
  /** Executable that runs the engine: Node.js 20 or newer, or Electron. */
  runtimePath: string;
  /** True where that executable is Electron. */
  electron?: boolean;
  /** The engine's program, `engine.mjs`. */
  enginePath: string;
  backend: BackendChoice;
  logger: Logger;
  signal?: AbortSignal;
  /** Default: 20,000 ms. */
  startTimeoutMs?: number;
  spawn?: SpawnEngine;
}

/** How long to wait for the cause when the engine ends the connection during `initialize`, ms. */
const causeMs = 1_000;

/**
 * Starts an engine process and connects to it.
 * Rejects with `EngineError`: `noRuntime`, `crashed`, `startTimeout`, `unauthorized`, `protocolMismatch`;
 * with `CancelledError` where `signal` was aborted. No process is left behind then.
 */
export async function startEngine(options: StartEngineOptions): Promise<EngineClient> {
  if (options.signal?.aborted === true) throw new CancelledError();
  const logger = subLogger(options.logger, 'engine');
  const location = await createSocketLocation(socketSurroundings(logger));
  const token = randomBytes(32).toString('hex');
  let process: EngineProcess;
  try {
    process = (options.spawn ?? spawnEngine)({
      runtimePath: options.runtimePath,
      enginePath: options.enginePath,
      args: [
        ...['--socket', location.path, '--backend', options.backend],
        ...(options.snapshotFolder === undefined ? [] : ['--snapshots', options.snapshotFolder]),
      ],
      env: engineEnvironment(globalThis.process.env, {
        token,
        electron: options.electron ?? false,
        platform: globalThis.process.platform,
      }),
    });
  } catch (error) {
    // Some reasons not to start are thrown instead of told later, above all on Windows.
    await location.release();
    throw failure('noRuntime', error instanceof Error ? error.message : String(error));
  }
  const watch = new ProcessWatch(process, logger);
  const stop = new AbortController();
  let connection: MessageConnection | undefined;
  try {
    const attempt = async (): Promise<EngineClient> => {
      const socket = await openSocket(location.path, stop.signal);
      connection = createConnection(socket, logger);
      const info = await initialize(connection, token, watch);
      return new ConnectedEngine({
        process,
        watch,
        connection,
        info,
        logger,
        release: () => location.release(),
      });
    };
    const client = await Promise.race([
      attempt(),
      watch.ended.then((error) => {
        throw error;
      }),
      aborted(options.signal, stop.signal),
      timeout(options.startTimeoutMs ?? 20_000, stop.signal, watch),
    ]);
    logger.info(
      `Engine process ${client.info.pid}: Node.js ${client.info.nodeVersion}, llama.cpp ${client.info.llamaCppRelease}, ${client.info.backend}`,
    );
    return client;
  } catch (error) {
    if (!watch.isEnded) process.kill('SIGKILL');
    connection?.dispose();
    await location.release();
    throw error;
  } finally {
    stop.abort();
  }
}

async function initialize(
  connection: MessageConnection,
  token: string,
  watch: ProcessWatch,
): Promise<EngineInfo> {
  const closed = new Promise<never>((_, reject) => {
    connection.onClose(() => {
      // Where the process ended too, that is the cause, and was said already.
      void watch.endsWithin(causeMs).then((ended) => {
        if (!ended) reject(failure('unauthorized', 'The engine closed the connection.'));
      });
    });
  });
  connection.listen();
  try {
    return await Promise.race([
      connection.sendRequest(initializeRequest, { token, protocolVersion }),
      closed,
      watch.ended.then((error) => {
        throw error;
      }),
    ]);
  } catch (error) {
    throw fromResponseError(error) ?? error;
  }
}

function aborted(signal: AbortSignal | undefined, done: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new CancelledError()), { signal: done });
  });
}

function timeout(ms: number, done: AbortSignal, watch: ProcessWatch): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => {
      const line = watch.tellingLine;
      reject(failure('startTimeout', `${ms / 1000} s${line === undefined ? '' : `: ${line}`}`));
    }, ms);
    done.addEventListener('abort', () => clearTimeout(timer));
  });
}

function failure(reason: EngineFailure['reason'], detail: string): EngineError {
  return new EngineError({ reason, detail });
}
