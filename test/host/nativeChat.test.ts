import * as assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { commandIds, vendorId } from '../../src/contributions';
import { writeSetting } from '../../src/settings';
import { longAnswer } from '../support/defaultScripts';
import { skipBecause } from '../support/hostSkip';
import { activeExtension, until } from '../support/hostWorkspace';
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

/** What test/host/askingExtension gives: the editor's language models as another extension sees them. */
interface Asking {
  selectChatModels: typeof vscode.lm.selectChatModels;
}

const contextSize = 20_480;
type Content = Parameters<typeof vscode.LanguageModelChatMessage.User>[0];
const user = (content: Content) => vscode.LanguageModelChatMessage.User(content);

describe('models for other extensions', function () {
  this.timeout(60_000);
  let folder: string;
  let asking: Asking;
  let model: vscode.LanguageModelChat;

  const token = () => new vscode.CancellationTokenSource().token;
  const named = async (name: string) =>
    (await asking.selectChatModels({ vendor: vendorId })).find((each) => each.name === name);
  const tools = [
    { name: weatherTool.name, description: weatherTool.description ?? '', inputSchema: weatherTool.schema },
  ];

  before(async function () {
    const { extensionPath } = await activeExtension();
    const stranger = vscode.extensions.getExtension<Asking>('layercake-tests.asking');
    assert.ok(stranger !== undefined, 'the second extension is not there');
    asking = await stranger.activate();
    folder = await mkdtemp(path.join(tmpdir(), 'lc-native-'));
    const [dialect] = toolDialects(extensionPath);
    if (dialect === undefined) skipBecause(this, whyNoTemplates() ?? 'there are no templates');
    const file = path.join(folder, 'calling.gguf');
    await writeScriptedModel(file, {
      ...{ name: 'Calling', dialect: dialect.dialect, shape: { contextLength: 32_768 } },
      scripts: [...dialect.scripts, { lastWords: ['count'], text: longAnswer }],
    });
    await writeSetting('model.path', file);
    await writeSetting('load.contextSize', contextSize);
  });
  after(async () => {
    await vscode.commands.executeCommand(commandIds.unloadModel);
    await writeSetting('model.path', undefined);
    await writeSetting('load.contextSize', undefined);
    await rm(folder, { recursive: true, force: true });
  });

  it('are listed before they are loaded, and are not loaded for it', async () => {
    const listed = await until('the model in the list', async () => {
      const found = await named('Calling');
      return found?.maxInputTokens === contextSize - 2048 - 17 && found;
    });
    assert.equal(listed.family, 'llama');
    // An estimate, since no tokenizer is there.
    assert.equal(await listed.countTokens('123456'), 2);
  });

  it('say that they are loaded, once they are', async () => {
    await vscode.commands.executeCommand(commandIds.loadModel);
    model = await until('the loaded model', () => named('Calling'));
    assert.equal(model.maxInputTokens, contextSize - 2048 - 17);
  });

  it('call a tool of another extension, and answer with its result', async () => {
    const question = user(weatherQuestion);
    const called = await partsOf(await model.sendRequest([question], { tools }, token()));
    const [call] = called;
    assert.ok(call instanceof vscode.LanguageModelToolCallPart, JSON.stringify(called));
    assert.equal(called.length, 1);
    assert.deepEqual([call.name, call.input], [weatherTool.name, weatherInput]);
    const result = new vscode.LanguageModelToolResultPart(call.callId, [
      new vscode.LanguageModelTextPart(weatherResult),
    ]);
    const messages = [question, vscode.LanguageModelChatMessage.Assistant([call]), user([result])];
    const answer = await model.sendRequest(messages, { tools }, token());
    assert.equal(await textOf(answer), weatherAnswer);
  });

  it('stop when they are told to', async () => {
    const source = new vscode.CancellationTokenSource();
    const response = await model.sendRequest([user('count')], {}, source.token);
    let text = '';
    await assert.rejects(async () => {
      for await (const piece of response.text) {
        text += piece;
        source.cancel();
      }
    });
    assert.ok(text.length < longAnswer.length / 2, `${text.length} characters came`);
    // The next one need not wait for the rest.
    const next = await model.sendRequest([user('Hello')], {}, token());
    assert.equal(await textOf(next), 'No tool.');
  });

  it('count tokens by their own tokenizer', async () => {
    assert.equal(await model.countTokens('weather'), 1);
    assert.equal(await model.countTokens('xyz'), 3);
    assert.equal(await model.countTokens(user('weather')), 1);
  });

  it('refuse in words what is larger than their context', async () => {
    const large = user('x'.repeat(contextSize + 10));
    await assert.rejects(
      async () => await textOf(await model.sendRequest([large], {}, token())),
      /needs [\d,]+ tokens, and the context has room for/,
    );
  });
});

async function textOf({ text }: vscode.LanguageModelChatResponse): Promise<string> {
  let whole = '';
  for await (const piece of text) whole += piece;
  return whole;
}

async function partsOf({ stream }: vscode.LanguageModelChatResponse): Promise<unknown[]> {
  const parts: unknown[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}
