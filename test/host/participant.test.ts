import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ModelQuestion } from '../../src/ask/modelAsker';
import { commandIds, participantId } from '../../src/contributions';
import { CancelledError, UserError } from '../../src/errors';
import type { ExtensionApi } from '../../src/extension';
import { ProjectFiles } from '../../src/context/projectFiles';
import { NamedCode } from '../../src/nativeChat/namedCode';
import { Participant } from '../../src/nativeChat/participant';
import { RunningRequests } from '../../src/nativeChat/runningRequests';
import type { ChatResult } from '../../src/protocol/engine';
import { activeExtension, closeAllEditors, openFile, until, workspaceFolder } from '../support/hostWorkspace';

const code = 'function add(a, b) {\n  return a - b;\n}\n';
const fixed = '```js\nfunction add(a, b) {\n  return a + b;\n}\n```';

describe('@layercake in VS Code’s own chat', () => {
  let editor: vscode.TextEditor | undefined;
  let answers: ExtensionApi['answers'];
  let asked: ModelQuestion[];
  let streamed: string;
  let buttons: vscode.Command[];
  let answerWith: (signal: AbortSignal) => Promise<string>;
  let stopReason: ChatResult['stopReason'];
  let permissions: string[];
  let participant: Participant;

  before(async () => {
    ({ answers } = (await activeExtension()).exports as ExtensionApi);
  });
  beforeEach(() => {
    editor = undefined;
    [asked, streamed, buttons, permissions] = [[], '', [], []];
    answerWith = () => Promise.resolve('It adds.');
    stopReason = 'end';
    participant = new Participant({
      asker: {
        ask: async (question, onProgress, signal) => {
          asked.push(question);
          const text = await answerWith(signal);
          onProgress({ kind: 'text', text, tokens: 1, tokensPerSecond: 1 });
          return { text, stopReason } as ChatResult;
        },
      },
      editors: {
        get current() {
          return editor;
        },
      },
      named: new NamedCode(new ProjectFiles(), (name, reason) => {
        permissions.push(`${name}: ${reason}`);
        return Promise.resolve(false);
      }),
      ...{ answers, running: new RunningRequests() },
      log: { ...console, trace: () => undefined },
    });
  });
  afterEach(closeAllEditors);

  const stream = {
    markdown: (text: string) => (streamed += text),
    progress: () => undefined,
    button: (command: vscode.Command) => buttons.push(command),
  } as unknown as vscode.ChatResponseStream;

  async function say(
    request: Partial<vscode.ChatRequest>,
    { history = [], token = new vscode.CancellationTokenSource().token }: Partial<Said> = {},
  ): Promise<vscode.ChatResult> {
    const whole = { prompt: '', command: undefined, references: [], ...request } as vscode.ChatRequest;
    return await participant.answer(whole, { history }, stream, token);
  }
  interface Said {
    history: vscode.ChatContext['history'];
    token: vscode.CancellationToken;
  }
  const lastAsked = () => asked.at(-1)?.messages.at(-1)?.content ?? '';

  it('explains the code in the editor, and says what comes as it comes', async () => {
    editor = await openFile('explained.js', code);
    const result = await say({ command: 'explain', prompt: 'Why a minus?' });
    assert.match(lastAsked(), /^explained\.js, lines 1–3:\n```javascript\nfunction add.*Why a minus\?/s);
    assert.equal(streamed, 'It adds.');
    assert.equal(result.errorDetails, undefined);
    assert.deepEqual(buttons, []);
  });

  it('takes what is attached in place of the code in the editor', async () => {
    editor = await openFile('editor.js', code);
    const { document } = await openFile('attached.js', `${code}// end\n`);
    const place = new vscode.Location(document.uri, new vscode.Range(1, 0, 1, 5));
    await say({ command: 'explain', references: [{ id: 'a', value: place }] });
    assert.match(lastAsked(), /^attached\.js, line 2:\n```javascript\n {2}return a - b;\n```/);
    await say({ prompt: 'And all of it?', references: [{ id: 'a', value: document.uri }] });
    assert.match(lastAsked(), /^attached\.js:\n```javascript\nfunction.*\/\/ end\n```\n\nAnd all of it\?$/s);
    assert.doesNotMatch(lastAsked(), /editor\.js/);
  });

  it('asks before it takes a secret, and goes on without it and without folders', async () => {
    const { document: secret } = await openFile('.env', 'TOKEN=1\n');
    const { document } = await openFile('attached.js', code);
    const values = [workspaceFolder(), secret.uri, document.uri];
    await say({ prompt: 'Why?', references: values.map((value) => ({ id: value.path, value })) });
    assert.match(lastAsked(), /^attached\.js:\n/);
    assert.doesNotMatch(lastAsked(), /TOKEN/);
    assert.deepEqual(permissions, ['.env: It may hold passwords, keys or certificates.']);
    assert.match(streamed, /^\.env was left out\. .* is a folder: attach its files\.\n\nIt adds\.$/);
    const result = await say({ command: 'explain', references: [{ id: 'a', value: secret.uri }] });
    assert.equal(result.errorDetails?.message, '.env was left out.');
  });

  it('leaves out a secret that the editor adds unasked, without a word', async () => {
    const { document } = await openFile('.env', 'TOKEN=1\n');
    await say({ prompt: 'Why?', references: [{ id: 'vscode.implicit.viewport', value: document.uri }] });
    assert.equal(lastAsked(), 'Why?');
    assert.equal(streamed, 'It adds.');
    assert.deepEqual(permissions, []);
  });

  it('reads earlier turns as they were, in one conversation', async () => {
    editor = await openFile('again.js', code);
    const { metadata } = await say({ command: 'explain' });
    const turn: unknown = Reflect.construct(vscode.ChatResponseTurn, [[], { metadata }, participantId]);
    await say({ prompt: 'Shorter.' }, { history: [turn as vscode.ChatResponseTurn] });
    const [first, second] = asked;
    assert.equal(second?.conversation, first?.conversation);
    assert.deepEqual(second?.messages, [
      ...(first?.messages ?? []),
      { role: 'assistant', content: 'It adds.' },
      { role: 'user', content: 'Shorter.' },
    ]);
  });

  it('offers no review of an answer that was cut off, and says so', async () => {
    editor = await openFile('cut.js', code);
    answerWith = () => Promise.resolve(fixed);
    stopReason = 'maxTokens';
    const { errorDetails, metadata } = await say({ command: 'fix' });
    assert.deepEqual(buttons, []);
    assert.match(errorDetails?.message ?? '', /cut off.*layercake\.sampling\.maxTokens/);
    assert.ok(metadata, 'The next turn does not know what was said.');
  });

  it('offers the review of a fix, and changes nothing before', async () => {
    editor = await openFile('fixed.js', code);
    const { document } = editor;
    answerWith = () => Promise.resolve(fixed);
    await say({ command: 'fix' });
    const [button] = buttons;
    assert.equal(button?.command, commandIds.reviewAnswer);
    assert.equal(document.getText(), code);
    await participant.review(button.arguments?.[0]);
    await vscode.commands.executeCommand(commandIds.acceptAll);
    await until('the fix', () => document.getText() === code.replace('a - b', 'a + b'));
  });

  it('offers none where the answer holds no code', async () => {
    editor = await openFile('words.js', code);
    await say({ command: 'fix' });
    assert.deepEqual(buttons, []);
  });

  it('says so where an answer is too old to be reviewed', async () => {
    await assert.rejects(participant.review('gone'), (error) => UserError.is(error));
  });

  it('asks for a plan without any code', async () => {
    await say({ command: 'plan', prompt: 'Add a cache' });
    assert.match(lastAsked(), /^Add a cache\nMake a plan/);
  });

  it('says in words what is missing, and what failed', async () => {
    assert.match((await say({ command: 'explain' })).errorDetails?.message ?? '', /Open a file/);
    assert.match((await say({})).errorDetails?.message ?? '', /Type a question/);
    answerWith = () => Promise.reject(new UserError('It is too large.'));
    assert.equal((await say({ prompt: 'Hello' })).errorDetails?.message, 'It is too large.');
  });

  it('stops by the editor’s token, without a failure', async () => {
    const source = new vscode.CancellationTokenSource();
    answerWith = (signal) => {
      source.cancel();
      return signal.aborted ? Promise.reject(new CancelledError()) : Promise.resolve('It went on.');
    };
    assert.deepEqual(await say({ prompt: 'Hello' }, { token: source.token }), {});
  });
});
