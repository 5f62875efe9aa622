import { EngineError } from '../errors';
import type { Logger } from '../log';
import { describeExit, tellingLine } from './crashCause';
import type { EngineProcess } from './engineProcess';

const keptLines = 40;
/** How often to look whether a process that is no child of ours has ended, ms. */
const lookMs = 20;

/** Writes the engine's output to the log and knows why its process ended. */
export class ProcessWatch {
  private readonly lastLines: string[] = [];
  private lines = 0;
  private hasEnded = false;
  /** Resolves with what the end of the process means to requests: `crashed`, or `noRuntime` where none started. */
  readonly ended: Promise<EngineError>;

  constructor(
    private readonly process: EngineProcess,
    private readonly logger: Logger,
  ) {
    process.onOutput((line) => {
      logger.debug(line);
      this.lines++;
      this.lastLines.push(line);
      if (this.lastLines.length > keptLines) this.lastLines.shift();
    });
    this.ended = new Promise((resolve) => {
      process.onExit((exit) => {
        this.hasEnded = true;
        resolve(new EngineError({ reason: 'crashed', detail: describeExit(exit, this.lastLines) }));
      });
      process.onError((error) => {
        this.hasEnded = true;
        resolve(new EngineError({ reason: 'noRuntime', detail: error.message }));
      });
    });
  }

  get isEnded(): boolean {
    return this.hasEnded;
  }

  /** The line of the output so far that names a cause best. */
  get tellingLine(): string | undefined {
    this.process.look();
    return tellingLine(this.lastLines);
  }

  /** The last lines, for the log of a crash. */
  get output(): readonly string[] {
    return this.lastLines;
  }

  /** Whether the process ends within a time, ms. */
  async endsWithin(ms: number): Promise<boolean> {
    this.process.look();
    const looking = setInterval(() => this.process.look(), lookMs);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    const result = await Promise.race([this.ended.then(() => true), timeout]);
    clearTimeout(timer);
    clearInterval(looking);
    return result;
  }

  /** Whether the process ends, however long that takes, as long as it says something within each such time, ms. */
  async endsUnlessSilent(ms: number): Promise<boolean> {
    for (;;) {
      const { lines } = this;
      if (await this.endsWithin(ms)) return true;
      if (this.lines === lines) return false;
    }
  }

  /** Waits for the end of a process that was asked to end. One that says nothing for so long is killed, ms. */
  async untilGone(silenceMs: number): Promise<void> {
    if (!(await this.endsUnlessSilent(silenceMs))) {
      this.logger.warn(`The engine did not end, and said nothing for ${silenceMs} ms: killed.`);
      this.process.kill('SIGKILL');
      await this.endsWithin(silenceMs);
    }
    this.process.release();
  }
}
