import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { silentLogger } from '../src/log';
import type { EngineClient } from '../src/engineClient/engineClient';
import { startEngine } from '../src/engineClient/startEngine';
import type { LoadOptions } from '../src/protocol/engine';
import { writeScriptedModel } from '../test/support/scriptedModel';
import { median, type Figure } from './figure';
import { installLlamaServer, startLlamaServer } from './llamaServer';

const answerTokens = 200;
const contextSize = 2048;
const pairs = 5;

/** Longer than an answer of the bench, so that the scripted model never ends by itself. */
const longScript = Array.from({ length: answerTokens * 2 }, (_, i) => `line ${i}\n`).join('');
const starterPath = path.resolve('.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf');
const starterPrompt = 'Write a long story about a lighthouse keeper and the sea.';

interface Subject {
  name: string;
  modelPath: string;
  prompt: string;
}

/**
 * Decode rate as the engine's client sees it (by its own clock, from the first token to the last), against llama.cpp's
 * own server on the same model and context; both at their best thread count, in interleaved pairs.
 */
export async function benchDecode(): Promise<Figure[]> {
  const python = installLlamaServer();
  const figures: Figure[] = [];
  for (const subject of await subjects()) figures.push(await compare(subject, python));
  return figures;
}

async function subjects(): Promise<Subject[]> {
  const models = path.resolve('.cache/models');
  await mkdir(models, { recursive: true });
  const scripted = path.join(models, 'scripted-1B.gguf');
  await writeScriptedModel(scripted, { shape: '1B', quant: 'Q4_0', scripts: [{ text: longScript }] });
  const list = [{ name: 'scripted 1B shape', modelPath: scripted, prompt: 'Go' }];
  if (existsSync(starterPath)) {
    list.unshift({ name: 'starter (135M, Q4_1)', modelPath: starterPath, prompt: starterPrompt });
  } else {
    console.error(`The starter is not at ${starterPath} (npm start gets it): left out.`);
  }
  return list;
}

async function compare(subject: Subject, python: string | undefined): Promise<Figure> {
  const threadCounts = [...new Set([availableParallelism(), Math.max(1, availableParallelism() - 1)])];
  const engine = await startEngine({
    runtimePath: process.execPath,
    enginePath: path.resolve('dist/engine.mjs'),
    backend: 'cpu',
    logger: silentLogger,
  });
  try {
    const ours = (threads: number) => decodeRate(engine, subject, threads);
    const ourBest = await best(threadCounts, ours);
    const name = `decode, ${subject.name}`;
    if (python === undefined) {
      const rates: number[] = [];
      for (let i = 0; i < pairs; i++) rates.push(await ours(ourBest));
      return { name, value: median(rates), unit: 'tok/s', peer: null, bar: '≥ 0.9 of the peer', pass: null };
    }
    const theirs = async (threads: number) => {
      const server = await startLlamaServer(python, subject.modelPath, contextSize, threads);
      try {
        return await server.decode(subject.prompt, answerTokens);
      } finally {
        await server.stop();
      }
    };
    const theirBest = await best(threadCounts, theirs);
    const rates: { ours: number; theirs: number }[] = [];
    for (let i = 0; i < pairs; i++)
      rates.push({ ours: await ours(ourBest), theirs: await theirs(theirBest) });
    const ratio = median(rates.map((rate) => rate.ours / rate.theirs));
    return {
      name: `${name}, ours ${median(rates.map((rate) => rate.ours)).toFixed(1)} tok/s, ratio to the peer`,
      value: ratio,
      unit: '',
      peer: median(rates.map((rate) => rate.theirs)),
      bar: '≥ 0.9',
      pass: ratio >= 0.9,
    };
  } finally {
    await engine.shutdown();
  }
}

async function best(counts: readonly number[], rate: (threads: number) => Promise<number>): Promise<number> {
  let winner = { threads: 1, rate: 0 };
  for (const threads of counts) {
    const measured = await rate(threads);
    if (measured > winner.rate) winner = { threads, rate: measured };
  }
  return winner.threads;
}

/** Loads anew, as the peer's server starts anew, answers once to warm up, and measures the second answer. tok/s. */
async function decodeRate(engine: EngineClient, subject: Subject, threads: number): Promise<number> {
  await engine.load(loadOptions(subject.modelPath, threads));
  await answer(engine, subject.prompt, 16);
  const { timedTokens, ms } = await answer(engine, subject.prompt, answerTokens);
  await engine.unload();
  return (timedTokens / ms) * 1000;
}

async function answer(
  engine: EngineClient,
  prompt: string,
  maxTokens: number,
): Promise<{ timedTokens: number; ms: number }> {
  let first: number | undefined;
  let last = 0;
  let tokens = 0;
  // The first piece is there when the clock starts.
  let firstTokens = 0;
  await engine.chat(
    {
      kind: 'chat',
      messages: [{ role: 'user', content: prompt }],
      sampling: { temperature: 0, maxTokens },
      thinking: { mode: 'off' },
    },
    (progress) => {
      if (progress.kind !== 'text' && progress.kind !== 'thought') return;
      last = performance.now();
      if (first === undefined) {
        first = last;
        firstTokens = progress.tokens;
      }
      tokens += progress.tokens;
    },
  );
  if (first === undefined || tokens < maxTokens / 2) {
    throw new Error(`The answer ended after ${tokens} of ${maxTokens} tokens: no rate can be taken from it.`);
  }
  return { timedTokens: tokens - firstTokens, ms: last - first };
}

function loadOptions(modelPath: string, threads: number): LoadOptions {
  return {
    modelPath,
    gpuLayers: 0,
    contextSize,
    batchSize: 512,
    threads,
    prefillThreads: threads,
    kvCacheType: 'f16',
    flashAttention: 'auto',
    mmap: true,
    mlock: false,
    sequences: 1,
  };
}
