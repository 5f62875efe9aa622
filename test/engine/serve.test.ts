import { mkdtemp, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChatMessage, ChatRequest } from '../../src/protocol/engine';
import { longAnswer, shortAnswer } from '../support/defaultScripts';
import { TestEngine, temporaryFolder } from '../support/engineHarness';
import { writeScriptedModel, type ScriptedModelInfo } from '../support/scriptedModel';
import { starterPath } from '../support/starter';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let scripted: ScriptedModelInfo;

beforeAll(async () => {
  folder = await temporaryFolder();
  scripted = await writeScriptedModel(join(folder.path, 'scripted.gguf'));
});

afterAll(() => folder.remove());

const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });

/** About four tokens a sentence, the same for the same name. */
function longText(name: string, sentences: number): string {
  return Array.from({ length: sentences }, (_, index) => `${name} ${index} runs.`).join(' ');
}

describe.each([1, 2])('with %i sequences, an answer', (sequences) => {
  /** None ends by itself before. */
  const answerTokens = 64;

  it('that was paused again and again equals the same one in quiet, token for token', async (ctx) => {
    const modelPath = starterPath(ctx);
    const engine = await TestEngine.start();
    try {
      await engine.load(modelPath, { sequences, contextSize: 1024 });
      const messages = [user('Tell a story about a lighthouse, a storm and a cat, in many sentences.')];
      const request = { sampling: { temperature: 0, maxTokens: answerTokens }, conversation: 'story' };
      await engine.ask(messages, { ...request, sampling: { temperature: 0, maxTokens: 1 } });
      // The prompt is in the cache now: both runs begin with the very same state.
      const quiet = await engine.ask(messages, request);
      expect(quiet.result.outputTokens).toBe(answerTokens);

      const ghosts: ReturnType<TestEngine['ask']>[] = [];
      let pieces = 0;
      const disturbed = await engine.ask(messages, request, {
        onProgress: ({ kind }) => {
          if (kind !== 'text' || pieces++ % 4 !== 0 || ghosts.length === 5) return;
          const ghost: Partial<ChatRequest> = { kind: 'ghost', sampling: { temperature: 0, maxTokens: 3 } };
          ghosts.push(engine.ask(`Ghost ${ghosts.length}: 1 + 1 =`, ghost));
        },
      });
      const waits = disturbed.progress.filter(({ kind }) => kind === 'waiting').length;
      expect(waits).toBeGreaterThanOrEqual(3);
      expect(disturbed.streamed).toBe(quiet.streamed);
      expect(disturbed.result.outputTokens).toBe(answerTokens);
      for (const { result } of await Promise.all(ghosts)) expect(result.outputTokens).toBe(3);
    } finally {
      await engine.client.shutdown();
    }
  });
});

describe('requests by kind', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await TestEngine.start();
  });
  afterAll(() => engine.client.shutdown());

  it('a ghost text comes between the tokens of a chat, whose rate leaves the pause out', async () => {
    await engine.load(scripted.path, { sequences: 2 });
    const order: string[] = [];
    let ghost: Promise<unknown> | undefined;
    const chat = engine.ask(
      'Please count',
      {},
      {
        onProgress: ({ kind }) => {
          if (kind !== 'text' || ghost !== undefined) return;
          ghost = engine.ask('Say it briefly', { kind: 'ghost' }).then(({ streamed }) => {
            expect(streamed).toBe(shortAnswer);
            order.push('ghost');
          });
        },
      },
    );
    const { streamed } = await chat;
    order.push('chat');
    await ghost;
    expect(streamed).toBe(longAnswer);
    expect(order).toEqual(['ghost', 'chat']);
  });

  it('a paused request that is cancelled keeps what came, and the next turn goes on from there', async () => {
    await engine.load(scripted.path);
    const stop = new AbortController();
    const ghost = { kind: 'ghost', sampling: { temperature: 0 } } as const;
    let second: ReturnType<TestEngine['ask']> | undefined;
    const chat = await engine.ask(
      'Please count',
      { conversation: 'a' },
      {
        signal: stop.signal,
        onProgress: ({ kind }) => {
          if (kind === 'text') second ??= engine.ask('Please count', ghost);
          if (kind === 'waiting') stop.abort();
        },
      },
    );
    expect(chat.result.stopReason).toBe('cancelled');
    expect(longAnswer.startsWith(chat.streamed)).toBe(true);
    expect((await second)?.streamed).toBe(longAnswer);
    const again = await engine.ask([user('Please count'), assistant(chat.streamed), user('Say it briefly')], {
      conversation: 'a',
    });
    expect(again.streamed).toBe(shortAnswer);
  });
});

describe('saved states', () => {
  let states: string;
  beforeEach(async () => {
    states = await mkdtemp(join(folder.path, 'states-'));
  });
  const policy = { idleUnloadMinutes: 0, snapshotBytes: 1e9 };
  const system: ChatMessage = { role: 'system', content: longText('System', 80) };
  const first = [system, user(`${longText('First', 100)} Say it briefly`)];
  const secondTurn = [...first, assistant(shortAnswer), user('Say it briefly')];

  async function start(): Promise<TestEngine> {
    const engine = await TestEngine.start('cpu', { snapshotFolder: states });
    engine.client.setPolicy(policy);
    await engine.load(scripted.path, { contextSize: 4096 });
    return engine;
  }

  async function files(ending: string): Promise<string[]> {
    const all = await readdir(states, { recursive: true });
    return all.filter((name) => name.endsWith(ending)).map((name) => join(states, name));
  }

  it('bring a conversation back after another one, and after a restart', async () => {
    let engine = await start();
    const { result } = await engine.ask(first, { conversation: 'a' });
    expect(result.reusedTokens).toBe(0);
    // Another one with the same beginning.
    const other = await engine.ask([system, user('Say it briefly')], { conversation: 'b' });
    expect(other.streamed).toBe(shortAnswer);
    expect(other.result.reusedTokens).toBeGreaterThan(200);
    const back = await engine.ask(secondTurn, { conversation: 'a' });
    expect(back.streamed).toBe(shortAnswer);
    const differs = back.result.promptTokens - (result.promptTokens + result.outputTokens);
    expect(back.result.promptTokens - back.result.reusedTokens).toBe(differs);
    await engine.client.unload();
    await engine.client.shutdown();

    engine = await start();
    const restarted = await engine.ask([...secondTurn, assistant(shortAnswer), user('Say it briefly')], {
      conversation: 'a',
    });
    expect(restarted.streamed).toBe(shortAnswer);
    expect(restarted.result.promptTokens - restarted.result.reusedTokens).toBe(differs);
    // A new conversation finds the beginning that all of them share.
    const fresh = await engine.ask([system, user('briefly')], { conversation: 'c' });
    expect(fresh.result.reusedTokens).toBeGreaterThan(200);
    await engine.client.shutdown();
  });

  it.each([
    ['truncated', (path: string) => truncate(path, 1000)],
    [
      'changed',
      async (path: string) => {
        const bytes = await readFile(path);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        await writeFile(path, bytes);
      },
    ],
  ])('that were %s never reach llama.cpp: what they held is read anew', async (_, damage) => {
    const engine = await start();
    await engine.ask(first, { conversation: 'a' });
    await engine.client.unload();
    for (const path of await files('.state')) await damage(path);
    await engine.load(scripted.path, { contextSize: 4096 });
    const { result, streamed } = await engine.ask(secondTurn, { conversation: 'a' });
    expect(streamed).toBe(shortAnswer);
    expect(result.reusedTokens).toBe(0);
    expect(engine.lines.some((line) => line.includes('damaged'))).toBe(true);
    await engine.client.shutdown();
  });

  it('are forgotten with their conversation', async () => {
    const engine = await start();
    await engine.ask(first, { conversation: 'secret' });
    await engine.ask([user('Say it briefly')], { conversation: 'other' });
    const named = async () => {
      const entries = await Promise.all((await files('.json')).map((path) => readFile(path, 'utf8')));
      return entries.filter((entry) => entry.includes('"secret"')).length;
    };
    expect(await named()).toBe(1);
    await engine.client.forget('secret');
    expect(await named()).toBe(0);
    await engine.client.shutdown();
  });

  it('stay within the limit, the longest unused going first', async () => {
    const engine = await start();
    for (const name of ['one', 'two', 'three']) {
      await engine.ask([user(`${longText(name, 100)} Say it briefly`)], { conversation: name });
      await delay(20);
    }
    await engine.client.unload();
    const sizes = await Promise.all((await files('.state')).map(async (path) => (await stat(path)).size));
    expect(sizes.length).toBeGreaterThanOrEqual(3);
    const limit = Math.max(...sizes) * 2 + 1;
    engine.client.setPolicy({ ...policy, snapshotBytes: limit });
    await engine.load(scripted.path, { contextSize: 4096 });
    await engine.ask([user(`${longText('four', 100)} Say it briefly`)], { conversation: 'four' });
    await engine.client.unload();
    const left = await Promise.all((await files('.state')).map(async (path) => (await stat(path)).size));
    expect(left.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(limit);
    const entries = await Promise.all((await files('.json')).map((path) => readFile(path, 'utf8')));
    expect(entries.some((entry) => entry.includes('"four"'))).toBe(true);
    expect(entries.some((entry) => entry.includes('"one"'))).toBe(false);
    await engine.client.shutdown();
  });
});
