import { createServer, type Server, type Socket } from 'node:net';
import { Emitter, type MessageConnection } from 'vscode-jsonrpc';
import { createMessageConnection, SocketMessageReader, SocketMessageWriter } from 'vscode-jsonrpc/node';
import type { ProcessExit } from '../../../src/engineClient/crashCause';
import type { EngineProcess, SpawnEngine, SpawnOptions } from '../../../src/engineClient/engineProcess';

/**
 * A process that lives in the test: it listens on the socket it was given and speaks the real JSON-RPC. As the real
 * engine does, it ends when its client is gone.
 */
export class FakeProcess implements EngineProcess {
  readonly pid = 4711;
  private readonly outputEmitter = new Emitter<string>();
  private readonly exitEmitter = new Emitter<ProcessExit>();
  private readonly errorEmitter = new Emitter<Error>();
  readonly onOutput = this.outputEmitter.event;
  readonly onExit = this.exitEmitter.event;
  readonly onError = this.errorEmitter.event;
  readonly kills: NodeJS.Signals[] = [];
  readonly connections: Socket[] = [];
  /** Set by tests where the engine does not end by itself. */
  stubborn = false;
  private server: Server | undefined;
  private hasExited = false;

  constructor(
    readonly options: SpawnOptions,
    private readonly serve: ((connection: MessageConnection, process: FakeProcess) => void) | undefined,
  ) {}

  get socketPath(): string {
    return this.options.args[this.options.args.indexOf('--socket') + 1] ?? '';
  }

  listen(): void {
    this.server = createServer((socket) => {
      this.connections.push(socket);
      const connection = createMessageConnection(
        new SocketMessageReader(socket),
        new SocketMessageWriter(socket),
      );
      connection.onError(() => undefined);
      socket.on('close', () => {
        if (!this.stubborn) this.exit({ code: 0, signal: null });
      });
      this.serve?.(connection, this);
      connection.listen();
    }).listen(this.socketPath);
  }

  print(line: string): void {
    this.outputEmitter.fire(line);
  }

  failToStart(message: string): void {
    this.hasExited = true;
    this.errorEmitter.fire(new Error(message));
  }

  exit(exit: ProcessExit): void {
    if (this.hasExited) return;
    this.hasExited = true;
    for (const socket of this.connections) socket.destroy();
    this.server?.close();
    this.exitEmitter.fire(exit);
  }

  look(): void {
    // What happens is told at once.
  }

  release(): void {
    // Nothing is held.
  }

  kill(signal: NodeJS.Signals): void {
    this.kills.push(signal);
    this.exit({ code: null, signal });
  }
}

/** A seam that starts fake processes, and the last one it started. */
export class FakeSpawner {
  last: FakeProcess | undefined;

  constructor(
    private readonly begin: (process: FakeProcess) => void,
    private readonly serve?: (connection: MessageConnection, process: FakeProcess) => void,
  ) {}

  readonly spawn: SpawnEngine = (options) => {
    const process = new FakeProcess(options, this.serve);
    this.last = process;
    // As with a real one, nothing happens before the caller has its handlers in place.
    setImmediate(() => this.begin(process));
    return process;
  };
}
