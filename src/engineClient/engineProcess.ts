import { spawn, type ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { Emitter, type Event } from 'vscode-jsonrpc';
import type { ProcessExit } from './crashCause';

export interface OutputLine {
  stream: 'stdout' | 'stderr';
  text: string;
}

/** The engine's process, as little of it as the client needs: tests put a fake in its place. */
export interface EngineProcess {
  /** undefined where it could not be started. */
  readonly pid: number | undefined;
  readonly onOutput: Event<OutputLine>;
  /** Fired once, after the last line of output. */
  readonly onExit: Event<ProcessExit>;
  /** It could not be started at all. `onExit` does not follow. */
  readonly onError: Event<Error>;
  kill(signal: NodeJS.Signals): void;
}

export interface SpawnOptions {
  /** Executable that runs the engine. */
  runtimePath: string;
  enginePath: string;
  args: readonly string[];
  env: Record<string, string>;
}

export type SpawnEngine = (options: SpawnOptions) => EngineProcess;

/** How long after the exit output may still come, ms: a grandchild that holds the pipes must not hold us. */
const drainMs = 250;

export const spawnEngine: SpawnEngine = ({ runtimePath, enginePath, args, env }) => {
  const child = spawn(runtimePath, [enginePath, ...args], {
    // The engine's own folder: a workspace folder could not be removed while a process lives in it.
    cwd: dirname(enginePath),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  return new ChildEngineProcess(child);
};

class ChildEngineProcess implements EngineProcess {
  private readonly outputEmitter = new Emitter<OutputLine>();
  private readonly exitEmitter = new Emitter<ProcessExit>();
  private readonly errorEmitter = new Emitter<Error>();
  readonly onOutput = this.outputEmitter.event;
  readonly onExit = this.exitEmitter.event;
  readonly onError = this.errorEmitter.event;

  constructor(private readonly child: ChildProcess) {
    const flushStdout = this.readLines('stdout', child.stdout);
    const flushStderr = this.readLines('stderr', child.stderr);
    let finished = false;
    const finish = (exit: ProcessExit) => {
      if (finished) return;
      finished = true;
      flushStdout();
      flushStderr();
      this.exitEmitter.fire(exit);
    };
    child.once('error', (error) => {
      // Also fired where a signal could not be delivered; only a failed start has no pid.
      if (child.pid === undefined) this.errorEmitter.fire(error);
    });
    child.once('exit', (code, signal) => {
      const timer = setTimeout(() => finish({ code, signal }), drainMs);
      child.once('close', () => {
        clearTimeout(timer);
        finish({ code, signal });
      });
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Fires each line; returns what fires the rest, a line without its end. */
  private readLines(stream: OutputLine['stream'], source: NodeJS.ReadableStream | null): () => void {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    source?.on('data', (chunk: Buffer) => {
      const lines = (rest + decoder.write(chunk)).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const text of lines) this.outputEmitter.fire({ stream, text });
    });
    return () => {
      const text = rest + decoder.end();
      rest = '';
      if (text !== '') this.outputEmitter.fire({ stream, text });
    };
  }
}
