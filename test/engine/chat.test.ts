import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultAnswer, editAnswer, longAnswer, shortAnswer } from '../support/defaultScripts';
import { TestEngine, temporaryFolder } from '../support/engineHarness';
import { writeScriptedModel, type ScriptedModelInfo } from '../support/scriptedModel';

let engine: TestEngine;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let model: ScriptedModelInfo;

beforeAll(async () => {
  folder = await temporaryFolder();
  model = await writeScriptedModel(join(folder.path, 'scripted.gguf'));
  engine = await TestEngine.start();
  await engine.load(model.path);
});

afterAll(async () => {
  await engine.client.shutdown();
  await folder.remove();
});

describe('answers', () => {
  it.each([
    ['Write a function that adds two numbers', defaultAnswer],
    ['Please count', longAnswer],
    ['Now rewrite', editAnswer],
    ['Say it briefly', shortAnswer],
    ['قل briefly', shortAnswer],
  ])('streams the script that the last word of %j selects', async (prompt, expected) => {
    const { result, streamed } = await engine.ask(prompt);
    expect(streamed).toBe(expected);
    expect(result.text).toBe(expected);
    expect(result.stopReason).toBe('end');
  });

  it('counts the tokens of the answer exactly, and times them', async () => {
    const { result, progress } = await engine.ask('Please count');
    const pieces = model.scripts[1]?.pieces.length;
    expect(result.outputTokens).toBe(pieces);
    expect(progress.reduce((sum, piece) => sum + (piece.kind === 'text' ? piece.tokens : 0), 0)).toBe(pieces);
    expect(result.thoughtTokens).toBe(0);
    expect(result.firstTokenMs).toBeGreaterThan(0);
    const rate = (result.outputTokens - 1) / (result.decodeMs / 1000);
    expect(result.tokensPerSecond).toBeCloseTo(rate, 5);
  });

  it('gives the same script at a high temperature: sampling really runs', async () => {
    const { streamed } = await engine.ask('Say it briefly', {
      sampling: { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 7 },
    });
    expect(streamed).toBe(shortAnswer);
  });

  it('stops at the tokens that were asked for', async () => {
    const { result, streamed } = await engine.ask('Please count', {
      sampling: { temperature: 0, maxTokens: 5 },
    });
    expect(result.stopReason).toBe('maxTokens');
    expect(result.outputTokens).toBe(5);
    expect(streamed).toBe(model.scripts[1]?.pieces.slice(0, 5).join(''));
  });

  it('refuses a history that the user does not end', async () => {
    await expect(engine.ask([{ role: 'assistant', content: 'Hello' }])).rejects.toMatchObject({
      failure: { reason: 'badRequest' },
    });
    await expect(engine.ask([])).rejects.toMatchObject({ failure: { reason: 'badRequest' } });
  });

  it('tells the states in their order', async () => {
    engine.states.length = 0;
    await engine.ask('Please count');
    await expect.poll(() => engine.states.at(-1)?.kind).toBe('ready');
    const kinds = engine.states.map(({ kind }) => kind);
    const inOrder = kinds.filter((kind, index) => kind !== kinds[index - 1]);
    expect(inOrder).toEqual(['prefilling', 'generating', 'ready']);
  });
});

describe('reuse', () => {
  it('evaluates nothing twice: the second turn costs the new message alone', async () => {
    await engine.ask('Something else first');
    const first = [{ role: 'user' as const, content: 'Tell me how to add in TypeScript' }];
    const asked = await engine.ask(first);
    expect(asked.streamed).toBe(defaultAnswer);
    const { prompt, reused, evaluated } = engine.lastReport;
    expect(evaluated).toBe(prompt - reused + asked.result.outputTokens);

    const second = [
      ...first,
      { role: 'assistant' as const, content: asked.result.text },
      { role: 'user' as const, content: 'Say it briefly' },
    ];
    const again = await engine.ask(second);
    expect(again.streamed).toBe(shortAnswer);
    // <|end|> of the answer, <|user|>, the message, <|end|>, <|assistant|>.
    const message = (await engine.client.countTokens(['Say it briefly']))[0] ?? 0;
    expect(again.result.promptTokens - again.result.reusedTokens).toBe(message + 4);
    expect(engine.lastReport.evaluated).toBe(message + 4 + again.result.outputTokens);
    expect(again.result.reusedTokens).toBe(prompt + asked.result.outputTokens);
  });

  it('answers again from the cache: only the last token is evaluated', async () => {
    const first = await engine.ask('Once more, briefly');
    const second = await engine.ask('Once more, briefly');
    expect(second.streamed).toBe(first.streamed);
    expect(second.result.reusedTokens).toBe(second.result.promptTokens - 1);
    expect(engine.lastReport).toMatchObject({
      prefilled: 0,
      evaluated: 1 + second.result.outputTokens,
    });
  });

  it('keeps the beginning when the last message is edited', async () => {
    const system = { role: 'system' as const, content: 'You are a careful assistant. '.repeat(10) };
    await engine.ask([system, { role: 'user', content: 'First wording, briefly' }]);
    const { result, streamed } = await engine.ask([
      system,
      { role: 'user', content: 'Second wording, please count' },
    ]);
    expect(streamed).toBe(longAnswer);
    const kept = (await engine.client.countTokens([system.content]))[0] ?? 0;
    // <|system|>, the text, <|end|>, <|user|>.
    expect(result.reusedTokens).toBe(kept + 3);
  });
});

describe('prefill', () => {
  it('reports monotone progress up to the whole prompt, before the first token', async () => {
    const { result, progress } = await engine.ask(`${'a b c d '.repeat(180)} briefly`);
    const steps = progress.filter((piece) => piece.kind === 'prefill');
    expect(steps.length).toBeGreaterThan(2);
    expect(steps.map(({ done }) => done)).toEqual(steps.map(({ done }) => done).sort((a, b) => a - b));
    expect(steps[0]?.done).toBe(result.reusedTokens);
    expect(steps.at(-1)?.done).toBe(result.promptTokens);
    expect(steps.every(({ total }) => total === result.promptTokens)).toBe(true);
    const firstText = progress.findIndex((piece) => piece.kind === 'text');
    expect(progress.slice(firstText).some((piece) => piece.kind === 'prefill')).toBe(false);
    expect(steps.at(-1)?.tokensPerSecond).toBeGreaterThan(0);
  });

  it('adapts its chunks: small until the speed is known, whole batches where they take no time', async () => {
    await engine.client.unload();
    await engine.load(model.path);
    const { progress } = await engine.ask(`${'e f g h '.repeat(180)} briefly`);
    const steps = progress.filter((piece) => piece.kind === 'prefill').map(({ done }) => done);
    const sizes = steps.slice(1).map((done, index) => done - (steps[index] ?? 0));
    expect(sizes[0]).toBe(32);
    expect(Math.max(...sizes)).toBeGreaterThan(32);
    // The end of the prompt, and the last token, which the sampler reads.
    for (const size of sizes.slice(0, -2)) expect(size % 32).toBe(0);
    expect(sizes.at(-1)).toBe(1);
  });
});

describe('stop', () => {
  it('ends between two tokens and keeps what came', async () => {
    const stop = new AbortController();
    let tokens = 0;
    const { result, streamed } = await engine.ask(
      'Please count',
      {},
      {
        signal: stop.signal,
        onProgress: (progress) => {
          if (progress.kind === 'text') tokens += progress.tokens;
          if (tokens >= 20) stop.abort();
        },
      },
    );
    expect(result.stopReason).toBe('cancelled');
    expect(result.text).toBe(streamed);
    expect(longAnswer.startsWith(streamed)).toBe(true);
    expect(result.outputTokens).toBeGreaterThanOrEqual(20);
    expect(result.outputTokens).toBeLessThan(600);
    expect((await engine.ask('Say it briefly')).streamed).toBe(shortAnswer);
  });

  it('takes a request out of the queue before it runs', async () => {
    const first = engine.ask('Please count');
    const stop = new AbortController();
    const second = engine.ask('Say it briefly', {}, { signal: stop.signal, onProgress: () => stop.abort() });
    const third = engine.ask('Now rewrite');
    const order: string[] = [];
    await Promise.all([
      first.then(() => order.push('first')),
      second.then(({ result, progress }) => {
        order.push('second');
        expect(result).toMatchObject({ stopReason: 'cancelled', text: '', promptTokens: 0 });
        expect(progress).toEqual([{ kind: 'waiting', ahead: 1 }]);
      }),
      third.then(({ streamed }) => {
        order.push('third');
        expect(streamed).toBe(editAnswer);
      }),
    ]);
    expect(order).toEqual(['second', 'first', 'third']);
  });
});

describe('limits of the context', () => {
  it('refuses a prompt that does not fit, with its size, and evaluates nothing', async () => {
    const { result } = await engine.ask('Say it briefly');
    const prompt = 'x'.repeat(5000);
    const needed = (await engine.client.countTokens([prompt]))[0] ?? 0;
    await expect(engine.ask(prompt)).rejects.toMatchObject({
      failure: { reason: 'promptTooLong', tokens: { needed: needed + 3, available: 2048 - 17 } },
    });
    // What was in the cache is there still.
    const again = await engine.ask('Say it briefly');
    expect(again.result.reusedTokens).toBe(result.promptTokens - 1);
  });

  it('says that the context is full instead of cutting the history', async () => {
    // As long a prompt as there may be with room for 30 tokens.
    const filler = 'y'.repeat(2048 - 16 - 30 - 3 - 'count'.length);
    const words = (await engine.client.countTokens([`${filler}count`]))[0] ?? 0;
    const prompt = `${filler}${'y'.repeat(2048 - 16 - 30 - 3 - words)}count`;
    const { result, streamed } = await engine.ask(prompt);
    expect(result.promptTokens).toBe(2048 - 16 - 30);
    expect(result.stopReason).toBe('contextFull');
    expect(result.outputTokens).toBe(30);
    expect(streamed).toBe(model.scripts[1]?.pieces.slice(0, 30).join(''));
    // Had the library cut the history, it would have evaluated the rest again.
    const { reused, evaluated } = engine.lastReport;
    expect(evaluated).toBe(result.promptTokens - reused + 29);
  });
});

describe('measure', () => {
  it('gives each message its share; the sum is what the prompt takes', async () => {
    const messages = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Tell me how to add' },
      { role: 'assistant' as const, content: defaultAnswer },
      { role: 'user' as const, content: 'Say it briefly' },
    ];
    const measured = await engine.client.measure(messages);
    const { result } = await engine.ask(messages);
    expect(measured.total).toBe(result.promptTokens);
    expect(measured.perMessage.reduce((sum, count) => sum + count, 0)).toBe(measured.total);
    expect(measured.contextSize).toBe(2048);
    const plain = await engine.client.countTokens(messages.map(({ content }) => content));
    const template = measured.perMessage.map((count, index) => count - (plain[index] ?? 0));
    // <|system|>, <|end|> and an open turn; <|user|> and <|end|>, the turn being open already; an open answer;
    // the end of that answer, <|user|>, <|end|> and the turn for the next one.
    expect(template).toEqual([3, 2, 0, 4]);
  });

  it('counts plain texts', async () => {
    expect(await engine.client.countTokens(['', 'xyz', shortAnswer])).toEqual([0, 3, 2]);
  });
});
