import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ModelQuestion } from '../../src/ask/modelAsker';
import type { EngineSnapshot } from '../../src/engineClient/engine';
import { CancelledError } from '../../src/errors';
import { modelInformation } from '../../src/nativeChat/modelInformation';
import { NativeProvider } from '../../src/nativeChat/nativeProvider';
import { RunningRequests } from '../../src/nativeChat/runningRequests';
import type { ChatResult } from '../../src/protocol/engine';
import { loadedModel } from '../support/loadedModel';

const path = '/models/asked.gguf';
const model = modelInformation(
  {
    ...{ id: 'id', path, name: 'Asked', architecture: 'llama', quant: 'Q8_0', sizeBytes: 1, isLoaded: false },
    ...{ contextSize: 4096, toolCalling: 'own', agentPrompt: undefined },
  },
  100,
  vscode.l10n.t,
);

describe('a model that is asked by others', () => {
  let snapshot: Partial<EngineSnapshot>;
  let wanted: boolean;
  let happened: string[];
  let asked: ModelQuestion[];
  let running: RunningRequests;
  let load: () => Promise<void>;
  let answer: (signal: AbortSignal) => Promise<Partial<ChatResult>>;
  let provider: NativeProvider;

  beforeEach(() => {
    [snapshot, wanted, happened, asked] = [{}, true, [], []];
    load = () => Promise.resolve();
    answer = () => Promise.resolve({ text: 'Yes.' });
    running = new RunningRequests();
    provider = new NativeProvider({
      models: {
        list: () => Promise.resolve([model]),
        find: (id) => Promise.resolve(id === 'id' ? model : undefined),
      },
      engine: {
        get snapshot() {
          return snapshot as EngineSnapshot;
        },
        countTokens: () => Promise.resolve([7]),
      },
      asker: {
        ask: async (question, onProgress, signal) => {
          asked.push(question);
          const result = await answer(signal);
          onProgress({ kind: 'text', text: result.text ?? '', tokens: 1, tokensPerSecond: 1 });
          return result as ChatResult;
        },
      },
      readiness: { configuredPath: () => path },
      loadFile: (file) => {
        happened.push(`load ${file}`);
        return load();
      },
      askToLoad: ({ name }) => {
        happened.push(`ask about ${name}`);
        return Promise.resolve(wanted);
      },
      thinking: () => ({ mode: 'off' }),
      running,
    });
  });

  const user = (text: string) => vscode.LanguageModelChatMessage.User(text) as Message;
  type Message = vscode.LanguageModelChatRequestMessage;

  async function request(
    messages = [user('Hello')],
    options: Partial<vscode.ProvideLanguageModelChatResponseOptions> = {},
    token = new vscode.CancellationTokenSource().token,
    id = 'id',
  ): Promise<vscode.LanguageModelResponsePart[]> {
    const parts: vscode.LanguageModelResponsePart[] = [];
    const progress = { report: (part: vscode.LanguageModelResponsePart) => void parts.push(part) };
    const { Auto } = vscode.LanguageModelChatToolMode;
    await provider.respond(id, messages, { toolMode: Auto, ...options }, progress, token);
    return parts;
  }

  it('is loaded when the person wants it, and then answers', async () => {
    assert.deepEqual(await request(), [new vscode.LanguageModelTextPart('Yes.')]);
    assert.deepEqual(happened, ['ask about Asked', `load ${path}`]);
  });

  it('is asked about and loaded once for two requests at the same time, of which both are answered', async () => {
    load = () => {
      snapshot = { model: loadedModel({ path }) };
      return Promise.resolve();
    };
    const both = await Promise.all([request(), request([user('Another')])]);
    assert.deepEqual(both, [
      [new vscode.LanguageModelTextPart('Yes.')],
      [new vscode.LanguageModelTextPart('Yes.')],
    ]);
    assert.deepEqual(happened, ['ask about Asked', `load ${path}`]);
  });

  it('fails without a word where its load was called off', async () => {
    load = () => Promise.reject(new CancelledError());
    await assert.rejects(request(), (error) => error instanceof vscode.CancellationError);
  });

  it('is not loaded against the person’s wish', async () => {
    wanted = false;
    await assert.rejects(request(), { message: /is not loaded, so it does not answer/, stack: '' });
    assert.deepEqual([happened, asked], [['ask about Asked'], []]);
  });

  it('is not asked about where it is loaded, or went for idleness alone', async () => {
    snapshot = { model: loadedModel({ path }) };
    await request();
    snapshot = { idleEnd: { minutes: 10, loadMs: 1000 } };
    await request();
    assert.deepEqual([happened, asked.length], [[], 2]);
  });

  it('is not asked about in vain where it is gone', async () => {
    await assert.rejects(request([user('Hello')], {}, undefined, 'gone'), /no longer on this machine/);
    assert.deepEqual(happened, []);
  });

  it('must call a tool where that is required of it', async () => {
    snapshot = { model: loadedModel({ path }) };
    answer = () => Promise.resolve({ text: '', toolCalls: [{ name: 'look', input: { at: 'it' } }] });
    const tools = [{ name: 'look', description: 'Looks.' }];
    const { Required } = vscode.LanguageModelChatToolMode;
    const [, call] = await request([user('Look')], { tools, toolMode: Required });
    assert.ok(call instanceof vscode.LanguageModelToolCallPart);
    assert.deepEqual([call.name, call.input], ['look', { at: 'it' }]);
    assert.deepEqual([asked[0]?.mustCallTool, asked[0]?.tools], [true, tools]);
    await request([user('Look')]);
    assert.equal(asked[1]?.mustCallTool, false);
  });

  it('knows a conversation by how it begins', async () => {
    snapshot = { model: loadedModel({ path }) };
    const answered = vscode.LanguageModelChatMessage.Assistant('Hi.') as Message;
    await request();
    await request([user('Hello'), answered, user('Bye')]);
    await request([user('Another')]);
    const [first, second, other] = asked.map(({ conversation }) => conversation);
    assert.equal(first, second);
    assert.notEqual(first, other);
  });

  it('stops by the token of the request, and by the command that stops all', async () => {
    snapshot = { model: loadedModel({ path }) };
    const source = new vscode.CancellationTokenSource();
    const isCancel = (error: unknown) => error instanceof vscode.CancellationError;
    answer = (signal) => {
      source.cancel();
      return Promise.resolve({ text: signal.aborted ? '' : 'It went on.' });
    };
    await assert.rejects(request([user('Hello')], {}, source.token), isCancel);
    assert.equal(running.stop(), false);
    answer = () => {
      assert.equal(running.stop(), true);
      return Promise.resolve({ text: '' });
    };
    await assert.rejects(request(), isCancel);
  });

  it('counts by its tokenizer where it is loaded, and rather too much where it is not', async () => {
    assert.equal(await provider.count('id', 'Grüße'), 3);
    snapshot = { model: loadedModel({ path }) };
    assert.equal(await provider.count('id', user('Grüße')), 7);
  });
});
