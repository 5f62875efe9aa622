import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createMessageConnection,
  SocketMessageReader,
  SocketMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type { Logger } from '../log';

const retryMs = 20;
const probeMs = 500;

/** Connects to a socket, again and again until something listens there or the signal says to stop. */
export async function openSocket(path: string, signal: AbortSignal): Promise<Socket> {
  for (;;) {
    signal.throwIfAborted();
    const socket = await tryConnect(path);
    if (socket !== undefined) {
      if (signal.aborted) socket.destroy();
      else return socket;
    }
    await delay(retryMs, undefined, { signal });
  }
}

/** undefined where nothing listens. */
export function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const fail = (error: NodeJS.ErrnoException) => {
      socket.destroy();
      const early = error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'EAGAIN';
      if (early) resolve(undefined);
      else reject(error);
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

/** Whether something listens there; true where that cannot be told. */
export function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(probeMs, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      settle(code !== 'ENOENT' && code !== 'ECONNREFUSED'),
    );
  });
}

/** JSON-RPC over a connected socket. The caller registers its handlers and calls `listen`. */
export function createConnection(socket: Socket, logger: Logger): MessageConnection {
  const connection = createMessageConnection(
    new SocketMessageReader(socket),
    new SocketMessageWriter(socket),
    {
      error: (message) => logger.error(message),
      warn: (message) => logger.warn(message),
      info: (message) => logger.info(message),
      log: (message) => logger.debug(message),
    },
  );
  connection.onError(([error]) => logger.warn(`Connection to the engine: ${error.message}`));
  connection.onDispose(() => socket.destroy());
  return connection;
}
