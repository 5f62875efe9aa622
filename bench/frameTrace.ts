import type { Browser, CDPSession } from 'playwright-core';

/** What the page's main thread did for one frame: script, style, layout, paint, and all else since the last frame. */
export interface Frame {
  /** By the thread's own clock: what others on the machine take is left out. */
  cpuMs: number;
  wallMs: number;
  /** Since the last frame. */
  gapMs: number;
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  tdur?: number;
  args: { name?: string };
}

const categories = ['devtools.timeline', 'disabled-by-default-devtools.timeline'];

/** Records what the browser's main threads do, by Chromium's own tracing. One recording at a time. */
export class FrameTrace {
  readonly #session: CDPSession;
  readonly #events: TraceEvent[] = [];

  private constructor(session: CDPSession) {
    this.#session = session;
    session.on('Tracing.dataCollected', ({ value }) => {
      this.#events.push(...(value as unknown as TraceEvent[]));
    });
  }

  static async start(browser: Browser): Promise<FrameTrace> {
    const trace = new FrameTrace(await browser.newBrowserCDPSession());
    const traceConfig = { includedCategories: categories, recordMode: 'recordAsMuchAsPossible' as const };
    await trace.#session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig });
    return trace;
  }

  /** Ends the recording. Only frames that put something new on the screen are returned. */
  async stop(): Promise<Frame[]> {
    const complete = new Promise((resolve) => this.#session.once('Tracing.tracingComplete', resolve));
    await this.#session.send('Tracing.end');
    await complete;
    await this.#session.detach();
    return framesOf(this.#events);
  }
}

/** A frame ends with the task that commits it to the compositor; the tasks since the last one belong to it. */
function framesOf(events: readonly TraceEvent[]): Frame[] {
  const mains = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  return mains.flatMap((main) => {
    const own = events.filter(({ pid, tid }) => pid === main.pid && tid === main.tid);
    const commits = own.filter(({ name }) => name === 'Commit').map(({ ts }) => ts);
    const tasks = own.filter(({ name }) => name === 'RunTask').sort((a, b) => a.ts - b.ts);
    commits.sort((a, b) => a - b);
    const frames: Frame[] = [];
    let [next, cpuMs, wallMs] = [0, 0, 0];
    for (const { ts, dur = 0, tdur = 0 } of tasks) {
      cpuMs += tdur / 1000;
      wallMs += dur / 1000;
      const commit = commits[next];
      if (commit === undefined) break;
      if (commit > ts + dur) continue;
      frames.push({ cpuMs, wallMs, gapMs: (commit - (commits[next - 1] ?? commit)) / 1000 });
      [cpuMs, wallMs] = [0, 0];
      while ((commits[next] ?? Infinity) <= ts + dur) next++;
    }
    return frames;
  });
}
