import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openBackend } from '../src/engine/backend';
import { LlamaLog } from '../src/engine/llamaLog';
import { loadModel } from '../src/engine/model';
import { Prefill } from '../src/engine/prefill';
import { readGgufHeader } from '../src/gguf/readHeader';
import { silentLogger } from '../src/log';
import type { ChatProgress } from '../src/protocol/engine';
import { enginePath } from '../test/support/engineHarness';
import { writeScriptedModel, type shapes } from '../test/support/scriptedModel';
import { sharedLoad, sharedWindow } from '../test/support/sharedWindow';
import { longPrompt, withEngine } from './engine';
import { median, type Figure } from './figure';
import { benchReuse } from './reuse';

const starterPath = path.resolve('.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf');
const longScript = Array.from({ length: 600 }, (_, i) => `line ${i}\n`).join('');

/** What sharing one engine costs and saves: reuse, snapshots, preemption, cancelling, idling. On the CPU. */
export async function benchServe(): Promise<Figure[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'layercake-bench-'));
  try {
    const model = async (shape: keyof typeof shapes) => {
      const file = path.join(folder, `${shape}.gguf`);
      await writeScriptedModel(file, { shape, quant: 'Q4_0', scripts: [{ text: longScript }] });
      return file;
    };
    const [tiny, small, large] = [await model('tiny'), await model('1B'), await model('8B')];
    const ghosts = [{ name: '8B shape', file: large }];
    if (existsSync(starterPath)) ghosts.push({ name: 'starter', file: starterPath });
    else console.error(`The starter is not at ${starterPath} (npm start gets it): left out.`);
    return [
      await chunked(small),
      ...(await benchReuse({ tiny, small }, folder)),
      await secondWindow(small, folder),
      ...(await cancels(small)),
      ...(await sequentially(ghosts, ({ name, file }) => ghost(name, file))),
      await idle(small),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function sequentially<T>(items: readonly T[], run: (item: T) => Promise<Figure>): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const item of items) figures.push(await run(item));
  return figures;
}

/** Prefill in chunks with progress, over the same in one call; in interleaved pairs, in this process. */
async function chunked(modelPath: string): Promise<Figure> {
  const tokens = 512;
  const backend = await openBackend('cpu', new LlamaLog(() => undefined));
  const header = await readGgufHeader(modelPath);
  const { signal } = new AbortController();
  const threads = { threads: null, prefillThreads: null };
  const options = { modelPath, gpuLayers: 0, contextSize: 2048, batchSize: 512, mmap: true };
  const { session } = await loadModel(
    { backend, header },
    { ...options, ...threads, kvCacheType: 'f16', flashAttention: 'auto', mlock: false, sequences: 1 },
    () => undefined,
    signal,
  );
  const prompt = session.anyTokens(tokens + 1);
  const sequence = session.firstSequence;
  const prefill = new Prefill(session);
  const whole = async () => {
    await sequence.keepPrefix([]);
    const began = performance.now();
    await sequence.evaluate(prompt.slice(0, tokens));
    return performance.now() - began;
  };
  const inChunks = async () => {
    await sequence.keepPrefix([]);
    const pause = () => Promise.resolve(0);
    const onProgress = () => undefined;
    return (await prefill.run({ sequence, tokens: prompt, stops: [], pause, signal, onProgress })).ms;
  };
  // The first ones touch the memory, and tell the chunks how large they may be.
  await whole();
  await inChunks();
  const ratios: number[] = [];
  for (let pair = 0; pair < 3; pair++) ratios.push((await whole()) / (await inChunks()));
  await session.dispose();
  await backend.library.dispose();
  const value = median(ratios);
  return {
    name: `prefill in chunks over the same in one call, 1B shape, ${tokens} tokens`,
    ...{ value, unit: '', peer: null, bar: '≥ 0.95', pass: value >= 0.95 },
  };
}

/** Time to first token of a short request behind a running chat, over the same alone plus one token of the chat. */
async function ghost(name: string, file: string): Promise<Figure> {
  return await withEngine(async (engine) => {
    await engine.load(file, { contextSize: 1024, sequences: 2 });
    let count = 0;
    const short = async () => {
      const prompt = `Complete number ${count++} of the list`;
      const request = { kind: 'ghost', sampling: { temperature: 0, maxTokens: 4 } } as const;
      return (await engine.ask(prompt, request)).result.firstTokenMs ?? Infinity;
    };
    await short();
    const alone: number[] = [];
    for (let run = 0; run < 5; run++) alone.push(await short());
    const behind: number[] = [];
    let running: Promise<void> | undefined;
    const probe = async () => {
      for (let run = 0; run < 5; run++) {
        behind.push(await short());
        await delay(300);
      }
    };
    const stop = new AbortController();
    const onProgress = ({ kind }: ChatProgress) => {
      if (kind === 'text') running ??= probe().finally(() => stop.abort());
    };
    const { result } = await engine.ask(
      'Go',
      { sampling: { temperature: 0 } },
      { onProgress, signal: stop.signal },
    );
    await running;
    const tokenMs = 1000 / (result.tokensPerSecond ?? NaN);
    const bar = 1.2 * median(alone) + tokenMs;
    const value = median(behind);
    return {
      name: `ghost text behind a chat, first token, ${name} (alone ${median(alone).toFixed(0)} ms, a token ${tokenMs.toFixed(0)} ms)`,
      ...{ value, unit: 'ms', peer: null, bar: `≤ ${bar.toFixed(0)} ms`, pass: value <= bar },
    };
  });
}

/** What a window that joins adds to the engine, and whether it loads anything. */
async function secondWindow(modelPath: string, folder: string): Promise<Figure> {
  const window = () => sharedWindow({ enginePath, folder, logger: silentLogger });
  const [one, two] = [window(), window()];
  try {
    const options = { modelPath, ...sharedLoad };
    await one.load(options, () => undefined);
    const before = (await one.memory()).rssBytes;
    let loads = 0;
    await two.load(options, () => loads++);
    const value = ((await two.memory()).rssBytes - before) / 1e6;
    return {
      name: `second window, added RAM of the engine, 1B shape, loads: ${loads === 0 ? 'none' : 'a second one'}`,
      ...{ value, unit: 'MB', peer: null, bar: '≤ 5 MB, no load', pass: value <= 5 && loads === 0 },
    };
  } finally {
    await one.unload();
    for (const each of [one, two]) each.dispose();
  }
}

/** From a cancel to the request's end. */
async function cancels(file: string): Promise<Figure[]> {
  return await withEngine(async (engine) => {
    await engine.load(file, { contextSize: 8192 });
    const chunks: number[] = [];
    let last = performance.now();
    const timeToEnd = async (prompt: string, when: (progress: ChatProgress) => boolean) => {
      const stop = new AbortController();
      let stoppedAt: number | undefined;
      const onProgress = (progress: ChatProgress) => {
        if (progress.kind === 'prefill') chunks.push(performance.now() - last);
        last = performance.now();
        if (stoppedAt !== undefined || !when(progress)) return;
        stoppedAt = performance.now();
        stop.abort();
      };
      const { result } = await engine.ask(prompt, {}, { signal: stop.signal, onProgress });
      if (stoppedAt === undefined) throw new Error('The request ended before it was cancelled.');
      return { ms: performance.now() - stoppedAt, result };
    };
    const reading = await timeToEnd(longPrompt, (each) => each.kind === 'prefill' && each.done > 1000);
    const chunk = Math.max(...chunks);
    let pieces = 0;
    const writing = await timeToEnd('Go', (each) => each.kind === 'text' && ++pieces === 10);
    const token = 1000 / (writing.result.tokensPerSecond ?? NaN);
    const figure = (name: string, value: number, limit: number, of: string): Figure => ({
      ...{ name: `cancel to idle, ${name}, 1B shape`, value, unit: 'ms', peer: null },
      ...{ bar: `≤ ${limit.toFixed(0)} ms (${of})`, pass: value <= limit },
    });
    return [
      figure('prefill', reading.ms, chunk, 'one chunk'),
      // The message takes a moment of its own.
      figure('decode', writing.ms, token + 5, 'one token'),
    ];
  });
}

/** Of the engine with a model loaded, from 60 s after its last answer on. */
async function idle(file: string): Promise<Figure> {
  return await withEngine(async (engine) => {
    await engine.load(file);
    await engine.ask('Go', { sampling: { temperature: 0, maxTokens: 8 } });
    await delay(60_000);
    const seconds = 20;
    const before = cpuSeconds(engine.client.info.pid);
    await delay(seconds * 1000);
    const value = ((cpuSeconds(engine.client.info.pid) - before) / seconds) * 100;
    return {
      name: `CPU of the idle engine, from 60 s after an answer on, over ${seconds} s`,
      ...{ value, unit: '%', peer: null, bar: '≤ 0.1 %', pass: value <= 0.1 },
    };
  });
}

/** Of a process, by Linux's account in hundredths of a second; NaN elsewhere. */
function cpuSeconds(pid: number): number {
  if (!existsSync(`/proc/${pid}/stat`)) return NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
