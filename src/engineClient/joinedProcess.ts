import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Emitter, Event } from 'vscode-jsonrpc';
import type { ProcessExit } from './crashCause';
import type { EngineProcess } from './engineProcess';
import { LogTail } from './logTail';
import { exitPathOf, readExit } from './runFiles';

/** How long the window that started the process may take to leave word how it ended, ms. */
const wordMs = 500;
const retryMs = 20;

/** An engine process that another window started: no child of ours, so that its end is seen only by looking. */
export class JoinedProcess implements EngineProcess {
  private readonly exitEmitter = new Emitter<ProcessExit>();
  readonly onExit = this.exitEmitter.event;
  readonly onError = Event.None;
  readonly onOutput: Event<string>;
  private readonly log: LogTail;
  private isGone = false;

  /** @throws where there is no such log */
  constructor(
    readonly pid: number,
    private readonly logPath: string,
  ) {
    this.log = new LogTail(logPath, 'now');
    this.onOutput = this.log.onLine;
  }

  look(): void {
    this.log.read();
    if (this.isGone || isRunning(this.pid)) return;
    this.isGone = true;
    void this.tellExit();
  }

  kill(signal: NodeJS.Signals): void {
    try {
      process.kill(this.pid, signal);
    } catch {
      // It is gone already.
    }
  }

  release(): void {
    this.log.close();
  }

  private async tellExit(): Promise<void> {
    const path = exitPathOf(this.logPath);
    let exit = readExit(path);
    for (const until = performance.now() + wordMs; exit === undefined && performance.now() < until;) {
      await delay(retryMs);
      exit = readExit(path);
    }
    this.log.close();
    this.exitEmitter.fire(exit ?? { code: null, signal: null });
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !isZombie(pid);
}

/** In a container without an init process nobody buries what a killed window started. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
