import { timingSafeEqual, createHash } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc';
import { createMessageConnection, SocketMessageReader, SocketMessageWriter } from 'vscode-jsonrpc/node';
import {
  calibrateRequest,
  chatProgress,
  chatRequest,
  completeRequest,
  countTokensRequest,
  endRequest,
  farewellNotification,
  forgetRequest,
  initializeRequest,
  loadProgress,
  loadRequest,
  measureRequest,
  memoryRequest,
  modelNotification,
  policyNotification,
  protocolVersion,
  simulateRequest,
  stateNotification,
  unloadRequest,
  type EngineInfo,
  type EngineState,
  type Farewell,
  type ServedModel,
} from '../protocol/engine';
import { messageOf, problem, toResponseError } from './failure';
import { log } from './log';
import { PieceFeed } from './pieceFeed';
import type { EngineService } from './service';

/** How long a connection may stay without showing the token, ms. */
const initializeMs = 10_000;

/** How long last words have to be written before the connection ends, ms. */
const farewellMs = 200;

export interface ServerListener {
  /** Called with the number of clients after each change of it. */
  clients(count: number): void;
  /** A client asked the engine to end, for all. */
  end(): void;
}

/** Listens on the socket; knows which connections are clients. */
export class EngineServer {
  private readonly server: Server;
  /** Each with what cancels its requests. */
  private readonly clients = new Map<MessageConnection, AbortController>();

  constructor(
    private readonly service: EngineService,
    private readonly token: string,
    private readonly listener: ServerListener,
  ) {
    this.server = createServer((socket) => this.accept(socket));
  }

  async listen(socketPath: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(socketPath, resolve);
    });
  }

  /** Tells all clients. */
  broadcast(state: EngineState): void {
    for (const client of this.clients.keys()) send(() => client.sendNotification(stateNotification, state));
  }

  broadcastModel(served: ServedModel | null): void {
    for (const client of this.clients.keys()) send(() => client.sendNotification(modelNotification, served));
  }

  /** Tells all clients that the engine ends without having failed. Resolves once they can know. */
  async farewell(farewell: Farewell): Promise<void> {
    const told = [...this.clients.keys()].map((client) =>
      client.sendNotification(farewellNotification, farewell),
    );
    await Promise.race([Promise.allSettled(told), delay(farewellMs)]);
  }

  close(): void {
    this.server.close();
    for (const [client, gone] of this.clients) {
      gone.abort();
      client.dispose();
    }
  }

  private accept(socket: Socket): void {
    // The other end may vanish at any time; its end is seen by the connection's close.
    socket.on('error', () => socket.destroy());
    const connection = createMessageConnection(
      new SocketMessageReader(socket),
      new SocketMessageWriter(socket),
      { error: note, warn: note, info: () => undefined, log: () => undefined },
    );
    const gone = new AbortController();
    const refuse = (reason: string) => {
      note(`A connection was ended: ${reason}`);
      socket.destroy();
    };
    const timer = setTimeout(() => refuse('it did not initialize'), initializeMs);
    connection.onClose(() => {
      clearTimeout(timer);
      gone.abort();
      if (this.clients.delete(connection)) this.listener.clients(this.clients.size);
      connection.dispose();
    });
    connection.onError(([error]) => refuse(error.message));

    const early = connection.onRequest(() => {
      refuse('it sent a request before initialize');
      return problemResponse('unauthorized', 'initialize comes first');
    });
    const earlyNotification = connection.onNotification(() =>
      refuse('it sent a notification before initialize'),
    );
    connection.onRequest(initializeRequest, async (params) => {
      if (!this.isToken(params.token)) {
        refuse('it showed a wrong token');
        return problemResponse('unauthorized', 'wrong token');
      }
      if (params.protocolVersion !== protocolVersion) {
        setTimeout(() => socket.end(), farewellMs);
        return problemResponse(
          'protocolMismatch',
          `this engine speaks version ${protocolVersion}, the client ${params.protocolVersion}`,
        );
      }
      clearTimeout(timer);
      early.dispose();
      earlyNotification.dispose();
      return await this.admit(connection, gone);
    });
    connection.listen();
  }

  private async admit(connection: MessageConnection, gone: AbortController): Promise<EngineInfo> {
    if (!this.clients.has(connection)) {
      this.clients.set(connection, gone);
      this.listener.clients(this.clients.size);
      register(connection, this.service, gone.signal);
      connection.onRequest(endRequest, () => {
        // After the answer.
        setImmediate(() => this.listener.end());
        return null;
      });
    }
    const info = await this.service.info();
    // Before the answer: who has it knows at once what all share.
    send(() => connection.sendNotification(stateNotification, this.service.state));
    send(() => connection.sendNotification(modelNotification, this.service.served));
    return info;
  }

  /** Compares digests: they have one length, and the time says nothing of the token. */
  private isToken(token: unknown): boolean {
    const digest = (text: string) => createHash('sha256').update(text).digest();
    return typeof token === 'string' && timingSafeEqual(digest(token), digest(this.token));
  }
}

/** Answers a client's requests. What it leaves running when it goes is cancelled. */
function register(connection: MessageConnection, service: EngineService, gone: AbortSignal): void {
  connection.onRequest(loadRequest, ({ progressToken, ...options }, token) =>
    answer(token, gone, (signal) =>
      service.load(
        options,
        (fraction) => send(() => connection.sendProgress(loadProgress, progressToken, { fraction })),
        signal,
      ),
    ),
  );
  connection.onRequest(unloadRequest, (token) =>
    answer(token, gone, async (signal) => {
      await service.unload(signal);
      return null;
    }),
  );
  connection.onRequest(chatRequest, ({ progressToken, ...request }, token) =>
    answer(token, gone, async (signal) => {
      const feed = new PieceFeed((progress) =>
        send(() => connection.sendProgress(chatProgress, progressToken, progress)),
      );
      try {
        return await service.chat(request, (progress) => feed.add(progress), signal);
      } finally {
        feed.flush();
      }
    }),
  );
  connection.onRequest(completeRequest, (request, token) =>
    answer(token, gone, (signal) => service.complete(request, signal)),
  );
  connection.onRequest(measureRequest, (params, token) => answer(token, gone, () => service.measure(params)));
  connection.onRequest(countTokensRequest, ({ texts }, token) =>
    answer(token, gone, () => ({ counts: service.countTokens(texts) })),
  );
  connection.onRequest(simulateRequest, (params, token) =>
    answer(token, gone, (signal) => service.simulate(params, signal)),
  );
  connection.onRequest(calibrateRequest, ({ progressToken }, token) =>
    answer(token, gone, (signal) =>
      service.calibrate(
        (fraction) => send(() => connection.sendProgress(loadProgress, progressToken, { fraction })),
        signal,
      ),
    ),
  );
  connection.onRequest(forgetRequest, ({ conversation }, token) =>
    answer(token, gone, async (signal) => {
      await service.forget(conversation, signal);
      return null;
    }),
  );
  connection.onNotification(policyNotification, (policy) => service.setPolicy(policy));
  connection.onRequest(memoryRequest, (token) => answer(token, gone, () => service.memory()));
}

async function answer<T>(
  token: CancellationToken,
  gone: AbortSignal,
  run: (signal: AbortSignal) => T | Promise<T>,
) {
  const cancel = new AbortController();
  const subscription = token.onCancellationRequested(() => cancel.abort());
  if (token.isCancellationRequested) cancel.abort();
  try {
    return await run(AbortSignal.any([cancel.signal, gone]));
  } catch (error) {
    return toResponseError(error);
  } finally {
    subscription.dispose();
  }
}

/**
 * A client that is gone hears nothing more; its close is handled where it is seen.
 * A closed connection throws at once, a lost one rejects: neither concerns whoever had something to say.
 */
function send(message: () => Promise<void>): void {
  const sent = async () => await message();
  sent().catch(() => undefined);
}

function problemResponse(reason: 'unauthorized' | 'protocolMismatch', detail: string) {
  return toResponseError(problem(reason, detail));
}

/** Of a connection, not of the engine: a client that was killed must not pass for the cause of what comes later. */
function note(message: string): void {
  log('info', messageOf(message));
}
