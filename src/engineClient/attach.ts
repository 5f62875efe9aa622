import type { Socket } from 'node:net';
import type { MessageConnection } from 'vscode-jsonrpc';
import { CancelledError, EngineError } from '../errors';
import type { Logger } from '../log';
import { initializeRequest, protocolVersion, type EngineInfo } from '../protocol/engine';
import { ConnectedEngine } from './connectedEngine';
import { createConnection } from './connection';
import { EngineNews } from './engineNews';
import type { EngineProcess } from './engineProcess';
import { ProcessWatch } from './processWatch';
import { fromResponseError } from './responseError';

/** How long to wait for the cause when the engine ends the connection during `initialize`, ms. */
const causeMs = 1_000;

export interface AttachOptions {
  process: EngineProcess;
  token: string;
  /** Other windows may use it too: nothing that is wrong here may kill it. */
  shared: boolean;
  logger: Logger;
  /** ms */
  timeoutMs: number;
  signal: AbortSignal | undefined;
  /** Rejects once `stop` is aborted. */
  open: (stop: AbortSignal) => Promise<Socket>;
}

/**
 * Connects to an engine process and introduces this client.
 * Rejects with `EngineError`: `noRuntime`, `crashed`, `startTimeout`, `unauthorized`, `protocolMismatch`;
 * with `CancelledError` where `signal` was aborted. The process is left as it is.
 */
export async function attach(options: AttachOptions): Promise<ConnectedEngine> {
  const { process, logger, shared } = options;
  const watch = new ProcessWatch(process, logger);
  const stop = new AbortController();
  let connection: MessageConnection | undefined;
  const introduce = async () => {
    const socket = await options.open(stop.signal);
    connection = createConnection(socket, logger);
    const news = new EngineNews(connection);
    const info = await initialize(connection, options.token, watch);
    return new ConnectedEngine({ process, watch, socket, connection, news, info, logger, shared });
  };
  try {
    const client = await Promise.race([
      introduce(),
      watch.ended.then((error) => {
        throw error;
      }),
      aborted(options.signal, stop.signal),
      timeout(options.timeoutMs, stop.signal, watch),
    ]);
    const { pid, nodeVersion, llamaCppRelease, backend } = client.info;
    logger.info(`Engine process ${pid}: Node.js ${nodeVersion}, llama.cpp ${llamaCppRelease}, ${backend}`);
    return client;
  } catch (error) {
    connection?.dispose();
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
    const cancel = () => reject(new CancelledError());
    if (signal?.aborted === true) cancel();
    signal?.addEventListener('abort', cancel, { signal: done });
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

function failure(reason: 'startTimeout' | 'unauthorized', detail: string): EngineError {
  return new EngineError({ reason, detail });
}
