import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Emitter, type Event } from 'vscode-jsonrpc';
import type { ProcessExit } from './crashCause';
import { LogTail } from './logTail';

/** The engine's process, as little of it as the client needs: tests put a fake in its place. */
export interface EngineProcess {
  /** undefined where it could not be started. */
  readonly pid: number | undefined;
  /** Each line that it prints. */
  readonly onOutput: Event<string>;
  /** Fired once, after the last line of output. */
  readonly onExit: Event<ProcessExit>;
  /** It could not be started at all. `onExit` does not follow. */
  readonly onError: Event<Error>;
  /** Fires what has happened and was not told yet. */
  look(): void;
  kill(signal: NodeJS.Signals): void;
  /** No output is of interest any more. */
  release(): void;
}

export interface SpawnOptions {
  /** Executable that runs the engine. */
  runtimePath: string;
  enginePath: string;
  args: readonly string[];
  env: Record<string, string>;
  /** Takes its output. */
  logPath: string;
}

export type SpawnEngine = (options: SpawnOptions) => EngineProcess;

export const spawnEngine: SpawnEngine = ({ runtimePath, enginePath, args, env, logPath }) => {
  // A file, not pipes: the engine outlives the window that started it, and every window may read why it ended.
  const log = openSync(logPath, 'a', 0o600);
  try {
    const child = spawn(runtimePath, [enginePath, ...args], {
      // The engine's own folder: a workspace folder could not be removed while a process lives in it.
      cwd: dirname(enginePath),
      env,
      stdio: ['ignore', log, log],
      detached: true,
      windowsHide: true,
    });
    return new ChildEngineProcess(child, new LogTail(logPath, 'beginning'));
  } finally {
    closeSync(log);
  }
};

class ChildEngineProcess implements EngineProcess {
  private readonly exitEmitter = new Emitter<ProcessExit>();
  private readonly errorEmitter = new Emitter<Error>();
  readonly onExit = this.exitEmitter.event;
  readonly onError = this.errorEmitter.event;
  readonly onOutput: Event<string>;

  constructor(
    private readonly child: ChildProcess,
    private readonly log: LogTail,
  ) {
    this.onOutput = log.onLine;
    child.unref();
    child.once('error', (error) => {
      // Also fired where a signal could not be delivered; only a failed start has no pid.
      if (child.pid !== undefined) return;
      log.close();
      this.errorEmitter.fire(error);
    });
    child.once('exit', (code, signal) => {
      log.close();
      this.exitEmitter.fire({ code, signal });
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  look(): void {
    this.log.read();
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  release(): void {
    this.log.close();
  }
}
