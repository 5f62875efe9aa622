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
import type { ChatMessage, ChatProgress } from '../src/protocol/engine';
import { TestEngine } from '../test/support/engineHarness';
import { writeScriptedModel, type shapes } from '../test/support/scriptedModel';
import { median, type Figure } from './figure';

const starterPath = path.resolve('.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf');
const longScript = Array.from({ length: 600 }, (_, i) => `line ${i}\n`).join('');
/** A word of it is a token of the scripted models' own or a few single characters: about four thousand tokens. */
const longPrompt = 'The engine reads. '.repeat(230);
const snapshotBytes = 8 * 1024 ** 3;

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
      ...(await reuse(tiny, path.join(folder, 'conversations'))),
      await restart(small, path.join(folder, 'states')),
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

/** Runs with an engine of its own. */
async function withEngine<T>(run: (engine: TestEngine) => Promise<T>, snapshotFolder?: string): Promise<T> {
  const engine = await TestEngine.start('cpu', snapshotFolder === undefined ? {} : { snapshotFolder });
  try {
    if (snapshotFolder !== undefined) engine.client.setPolicy({ idleUnloadMinutes: 0, snapshotBytes });
    return await run(engine);
  } finally {
    await engine.client.shutdown();
  }
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

/** Tokens evaluated over tokens that differ. */
async function reuse(file: string, folder: string): Promise<Figure[]> {
  return await withEngine(async (engine) => {
    await engine.load(file, { contextSize: 8192 });
    const answer = async (messages: ChatMessage[], conversation: string) => {
      const { result, streamed } = await engine.ask(messages, {
        conversation,
        sampling: { temperature: 0, maxTokens: 32 },
      });
      return { result, streamed, newTokens: result.promptTokens - result.reusedTokens };
    };
    const user = (content: string): ChatMessage => ({ role: 'user', content });
    const first = await answer([user(longPrompt)], 'a');
    const said: ChatMessage = { role: 'assistant', content: first.streamed };
    // The answer's last token was sampled and never evaluated.
    const held = first.result.promptTokens + first.result.outputTokens - 1;
    const figures: Figure[] = [];
    const add = (name: string, evaluated: number, differ: number) => {
      const value = evaluated / differ;
      const of = `${first.result.promptTokens}-token first turn`;
      const bar = { bar: '≤ 1.02', pass: value <= 1.02 };
      figures.push({
        name: `${name} after a ${of}, evaluated over different`,
        value,
        unit: '',
        peer: null,
        ...bar,
      });
    };
    const second = await answer([user(longPrompt), said, user('Now go on with the next part')], 'a');
    add('second turn', second.newTokens, second.result.promptTokens - held);
    const edited = await answer([user(longPrompt), said, user('Then go on with the next part')], 'a');
    add('edited last message', edited.newTokens, edited.result.promptTokens - held);
    await answer([user('Another conversation')], 'b');
    const back = await answer([user(longPrompt), said, user('Then go on with the next part')], 'a');
    // All of it is known: the sampler reads the prompt's last token again.
    add('switch of conversation', back.newTokens, 1);
    return figures;
  }, folder);
}

/** Time to first token after a restart, over that of the first reading; loading excluded. */
async function restart(file: string, folder: string): Promise<Figure> {
  const ask = (engine: TestEngine) =>
    engine.ask([{ role: 'user', content: longPrompt }], {
      conversation: 'a',
      sampling: { temperature: 0, maxTokens: 8 },
    });
  const options = { contextSize: 8192 };
  const read = await withEngine(async (engine) => {
    await engine.load(file, options);
    const { result } = await ask(engine);
    await engine.client.unload();
    return result;
  }, folder);
  const restored = await withEngine(async (engine) => {
    await engine.load(file, options);
    return (await ask(engine)).result;
  }, folder);
  const value = (restored.firstTokenMs ?? Infinity) / (read.firstTokenMs ?? NaN);
  return {
    name: `first token after a restart over a full prefill, 1B shape, ${read.promptTokens} tokens`,
    ...{ value, unit: '', peer: null, bar: '≤ 0.05', pass: value <= 0.05 },
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
