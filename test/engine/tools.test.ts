import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage, ToolCalling } from '../../src/protocol/engine';
import { temporaryFolder, TestEngine } from '../support/engineHarness';
import { whyNoTemplates } from '../support/llamaTemplates';
import { writeScriptedModel } from '../support/scriptedModel';
import {
  toolDialects,
  weatherAnswer,
  weatherInput,
  weatherQuestion,
  weatherResult,
  weatherTool,
} from '../support/toolDialects';

const dialects = toolDialects();
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let engine: TestEngine;

beforeAll(async () => {
  folder = await temporaryFolder();
  engine = await TestEngine.start();
});

afterAll(async () => {
  engine.client.dispose();
  await folder.remove();
});

const wrappers: Record<string, [string, ToolCalling]> = {
  'Qwen 2.5': ['JinjaTemplate', 'template'],
  'Qwen 3': ['JinjaTemplate', 'template'],
  'Hermes 3': ['Hermes', 'own'],
  'Llama 3.1': ['Llama 3.1', 'own'],
  'Llama 3.3': ['JinjaTemplate', 'template'],
  Harmony: ['Harmony', 'own'],
};

describe.each(dialects)('A model of the dialect $name', ({ name, dialect, scripts, thought = '' }) => {
  const question: ChatMessage = { role: 'user', content: weatherQuestion };
  const call = { name: weatherTool.name, input: weatherInput };
  const called: ChatMessage = {
    role: 'assistant',
    content: '',
    ...(thought !== '' && { thought }),
    toolCalls: [{ ...call, result: weatherResult }],
  };

  beforeAll(async () => {
    const path = join(folder.path, `${name}.gguf`);
    await writeScriptedModel(path, { name, dialect, scripts });
    const model = await engine.load(path);
    expect([model.chatTemplate, model.toolCalling]).toEqual(wrappers[name]);
  });

  it('calls a tool, which is not run', async () => {
    const { result, streamed } = await engine.ask([question], { tools: [weatherTool] });
    expect(result).toMatchObject({ toolCalls: [call], text: '', thought, stopReason: 'end' });
    expect(streamed).toBe('');
    expect(result.outputTokens).toBeGreaterThan(0);
    expect(result.firstTokenMs).toBeGreaterThan(0);
  });

  it('answers with the result, and has read before it no more than what is new', async () => {
    const request = { tools: [weatherTool], conversation: name };
    const first = await engine.ask([question], request);
    const { result } = await engine.ask([question, called], request);
    expect(result).toMatchObject({ text: weatherAnswer, stopReason: 'end' });
    expect(result.toolCalls).toBeUndefined();
    // The last token of a prompt is always read anew.
    expect(result.reusedTokens).toBeGreaterThanOrEqual(first.result.promptTokens - 1);
  });

  it('goes on after the answer to a result', async () => {
    const answered: ChatMessage = { role: 'assistant', content: weatherAnswer };
    const again: ChatMessage = { role: 'user', content: `And again: ${weatherQuestion}` };
    const { result } = await engine.ask([question, called, answered, again], { tools: [weatherTool] });
    expect(result.toolCalls).toEqual([call]);
  });

  it('calls a tool where it must, whatever it would have said', async () => {
    const request = { tools: [weatherTool], mustCallTool: true };
    const { result } = await engine.ask('Hello', request);
    expect(result).toMatchObject({ toolCalls: [call], text: '' });
  });

  it('does not call what it was not told of', async () => {
    const { result } = await engine.ask([question]);
    expect(result.toolCalls).toBeUndefined();
  });

  it('stops in a call', async () => {
    const stop = new AbortController();
    const asked = await engine.ask(
      [question],
      { tools: [weatherTool] },
      { signal: stop.signal, onProgress: ({ kind }) => kind === 'prefill' && stop.abort() },
    );
    expect(asked.result.stopReason).toBe('cancelled');
    expect(asked.result.toolCalls).toBeUndefined();
  });
});

it('is tested in all dialects', (ctx) => {
  const reason = whyNoTemplates();
  if (reason !== undefined) ctx.skip(reason);
  expect(dialects.map(({ name }) => name)).toEqual(Object.keys(wrappers));
});

it('refuses a name that a model cannot write, and a history that ends with an answer', async () => {
  const refused = (request: Parameters<TestEngine['ask']>) =>
    expect(engine.ask(...request)).rejects.toMatchObject({ failure: { reason: 'badRequest' } });
  await refused(['Hello', { tools: [{ name: 'two words' }] }]);
  await refused([
    [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hello.' },
    ],
  ]);
});

it('refuses a prompt that its tools make larger than the context', async () => {
  const description = 'word '.repeat(2000);
  await expect(engine.ask('Hello', { tools: [{ ...weatherTool, description }] })).rejects.toMatchObject({
    failure: { reason: 'promptTooLong', tokens: { available: 2031 } },
  });
});
