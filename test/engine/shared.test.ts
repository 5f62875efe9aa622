import { build } from 'esbuild';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRunning } from '../../src/engineClient/joinedProcess';
import type { EngineSupervisor } from '../../src/engineClient/supervisor';
import type { ChatProgress, ChatResult, LoadOptions } from '../../src/protocol/engine';
import { longAnswer, shortAnswer } from '../support/defaultScripts';
import { collectingLogger, enginePath, temporaryFolder } from '../support/engineHarness';
import { writeScriptedModel } from '../support/scriptedModel';
import { sharedLoad, sharedWindow } from '../support/sharedWindow';

const MiB = 2 ** 20;
const never = new AbortController().signal;
/** In a long answer: long enough for what happens meanwhile. */
const slow = { blocks: 2, feedForward: 8192 };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let windowProgram: string;
let options: LoadOptions;
/** Where the windows of one test meet. */
let meeting: string;
let lines: string[];
let tests = 0;
const windows: EngineSupervisor[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  const modelPath = join(folder.path, 'scripted.gguf');
  await writeScriptedModel(modelPath, { shape: slow });
  options = { ...sharedLoad, modelPath };
  windowProgram = join(folder.path, 'window.mjs');
  await build({
    entryPoints: ['test/support/windowProcess.ts'],
    outfile: windowProgram,
    ...{ bundle: true, platform: 'node', format: 'esm' },
    banner: {
      js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);",
    },
  });
});
afterAll(() => folder.remove());
beforeEach(async () => {
  lines = [];
  meeting = join(folder.path, `${tests++}`);
  await mkdir(meeting);
});
afterEach(async () => {
  // What is left ends for all.
  await windows.at(-1)?.unload();
  for (const window of windows.splice(0)) window.dispose();
});

function openWindow(): EngineSupervisor {
  const window = sharedWindow({ enginePath, folder: meeting, logger: collectingLogger(lines) });
  windows.push(window);
  return window;
}

async function loadedWindow(): Promise<EngineSupervisor> {
  const window = openWindow();
  await window.load(options);
  return window;
}

function pidOf(window: EngineSupervisor): number {
  const { info } = window.snapshot;
  if (info === undefined) throw new Error('No engine runs');
  return info.pid;
}

async function ask(
  window: EngineSupervisor,
  content: string,
  onProgress: (progress: ChatProgress) => void = () => undefined,
): Promise<ChatResult> {
  return await window.chat(
    {
      kind: 'chat',
      messages: [{ role: 'user', content }],
      sampling: { temperature: 0 },
      thinking: { mode: 'on' },
    },
    onProgress,
    never,
  );
}

/** Asks, and resolves once the answer has begun. */
async function begin(window: EngineSupervisor, content: string): Promise<{ answer: Promise<ChatResult> }> {
  const answer: { promise?: Promise<ChatResult> } = {};
  await new Promise<void>((resolve, reject) => {
    answer.promise = ask(window, content, ({ kind }) => {
      if (kind === 'text') resolve();
    });
    answer.promise.catch(reject);
  });
  if (answer.promise === undefined) throw new Error('Nothing was asked');
  return { answer: answer.promise };
}

async function goneWithin(pid: number, ms: number): Promise<boolean> {
  const until = performance.now() + ms;
  while (isRunning(pid)) {
    if (performance.now() > until) return false;
    await delay(20);
  }
  return true;
}

/** The first window, in a process of its own: it has started the engine and is in the middle of an answer. */
async function windowInMidAnswer(): Promise<{ window: ChildProcess; engine: number }> {
  const window = spawn(process.execPath, [windowProgram, enginePath, meeting, options.modelPath], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let engine = 0;
  for await (const line of createInterface(window.stdout)) {
    engine ||= Number(/^loaded (\d+)$/.exec(line)?.[1] ?? 0);
    if (line === 'answering') return { window, engine };
  }
  throw new Error('The window ended before it answered');
}

async function kill(window: ChildProcess): Promise<void> {
  const ended = once(window, 'exit');
  window.kill('SIGKILL');
  await ended;
}

describe('two windows', () => {
  it('share an engine and its model: no second load, not even a wait, and next to no memory', async () => {
    const one = await loadedWindow();
    // Twice: the heap has grown then by what such an answer needs.
    for (let time = 0; time < 2; time++) await ask(one, 'Please count');
    const before = (await one.memory()).rssBytes;
    const { answer } = await begin(one, 'Please count');
    const two = openWindow();
    const progress: number[] = [];
    await two.load(options, (fraction) => {
      progress.push(fraction);
    });
    expect(one.snapshot.state.kind).toBe('generating');
    expect((await answer).text).toBe(longAnswer);
    expect((await ask(two, 'Say it briefly')).text).toBe(shortAnswer);
    const after = (await two.memory()).rssBytes;
    expect([pidOf(two), progress]).toEqual([pidOf(one), []]);
    console.log(`Second window: ${((after - before) / MiB).toFixed(2)} MiB of RAM in the engine`);
    expect(after - before).toBeLessThanOrEqual(5 * MiB);
  });

  it('that ask for the same load at once have it done once', async () => {
    const [one, two] = [openWindow(), openWindow()];
    const [first, second] = await Promise.all([one.load(options), two.load(options)]);
    // The time that it took is measured: two loads would differ in it.
    expect(first).toEqual(second);
    expect(new Set([pidOf(one), pidOf(two)]).size).toBe(1);
  });

  it('see each other’s model and its end', async () => {
    const two = openWindow();
    await two.follow();
    const one = await loadedWindow();
    await expect.poll(() => two.snapshot.model?.path, { timeout: 5_000 }).toBe(options.modelPath);
    expect(two.snapshot).toMatchObject({ state: { kind: 'ready' }, served: options });
    const { answer } = await begin(two, 'Please count');
    const engine = pidOf(one);
    await one.unload();
    expect((await answer).stopReason).toBe('cancelled');
    await expect.poll(() => two.snapshot.state.kind).toBe('stopped');
    expect(await goneWithin(engine, 4_000)).toBe(true);
  });

  it('one killed in mid-answer, leave the other’s answer whole', async () => {
    const { window, engine } = await windowInMidAnswer();
    const two = openWindow();
    await two.follow();
    expect(pidOf(two)).toBe(engine);
    // In the queue behind the first one's answer, then in the middle of its own.
    const asked = begin(two, 'Please count');
    await kill(window);
    const result = await (await asked).answer;
    expect(result).toMatchObject({ text: longAnswer, stopReason: 'end' });
    expect(isRunning(engine)).toBe(true);
  });

  it('of which the one that started the engine is gone still learn that it ended', async () => {
    const { window, engine } = await windowInMidAnswer();
    const two = openWindow();
    await two.follow();
    await kill(window);
    const { answer } = await begin(two, 'Please count');
    process.kill(engine, 'SIGKILL');
    await expect(answer).rejects.toMatchObject({
      failure: { reason: 'crashed', detail: 'the process is gone' },
    });
    expect((await ask(two, 'Say it briefly')).text).toBe(shortAnswer);
    expect(pidOf(two)).not.toBe(engine);
  });
});

describe('an engine', () => {
  it('that is killed with three requests of two windows fails each with the cause', async () => {
    const one = await loadedWindow();
    const two = openWindow();
    await two.follow();
    const { answer } = await begin(one, 'Please count');
    const answers = [answer, ask(one, 'Say it briefly'), ask(two, 'Say it briefly')];
    const settled = Promise.allSettled(answers);
    // The two in the queue have reached the engine.
    await delay(100);
    process.kill(pidOf(one), 'SIGKILL');
    const failures = (await settled).map((outcome) =>
      outcome.status === 'rejected' ? (outcome.reason as unknown) : undefined,
    );
    expect(failures).toMatchObject(
      [1, 2, 3].map(() => ({ failure: { reason: 'crashed', detail: 'SIGKILL' } })),
    );
    expect(two.snapshot.state).toMatchObject({ kind: 'failed', error: { detail: 'SIGKILL' } });
    // One of them starts the next one; what it loads is there for both.
    const texts = await Promise.all(
      [one, two].map(async (window) => (await ask(window, 'Say it briefly')).text),
    );
    expect(texts).toEqual([shortAnswer, shortAnswer]);
    expect(pidOf(one)).toBe(pidOf(two));
  });

  it('is started once for four windows that ask at the same moment', async () => {
    const four = [1, 2, 3, 4].map(() => openWindow());
    await Promise.all(four.map((window) => window.simulate({ modelPath: options.modelPath, configs: [] })));
    expect(new Set(four.map(pidOf)).size).toBe(1);
    const run = await readdir(join(meeting, (await readdir(meeting))[0] ?? ''));
    expect(run.filter((name) => name.endsWith('.log'))).toHaveLength(1);
  });

  it('that is gone is replaced by a new one', async () => {
    const one = await loadedWindow();
    const first = pidOf(one);
    process.kill(first, 'SIGKILL');
    await expect.poll(() => one.snapshot.state.kind).toBe('failed');
    const two = openWindow();
    await two.follow();
    expect(two.snapshot.info).toBeUndefined();
    await two.load(options);
    expect(pidOf(two)).not.toBe(first);
  });

  it('keeps its model for a window that reloads, and ends some seconds after the last one', async () => {
    const one = await loadedWindow();
    const engine = pidOf(one);
    one.dispose();
    await delay(1_000);
    const two = openWindow();
    await two.follow();
    expect([pidOf(two), two.snapshot.model?.path]).toEqual([engine, options.modelPath]);
    two.dispose();
    await delay(1_000);
    expect(isRunning(engine)).toBe(true);
    expect(await goneWithin(engine, 10_000)).toBe(true);
  });
});
