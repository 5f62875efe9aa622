import * as assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ModelAsker } from '../../src/ask/modelAsker';
import { CommitMessages } from '../../src/commitMessage/commitMessages';
import { gitApi, type GitRepository } from '../../src/commitMessage/gitApi';
import { UserError } from '../../src/errors';
import type { ChatProgress, ChatResult, LoadedModel } from '../../src/protocol/engine';
import { gitIn, hasGit, makeRepository } from '../support/gitWorkspace';
import { skipBecause } from '../support/hostSkip';
import { until } from '../support/hostWorkspace';

type Answering = (say: (text: string) => void, signal: AbortSignal, prompt: string) => Promise<void> | void;

let repository: GitRepository;
/** Outside the workspace, whose files other suites change. */
let folder: string;

/** Writes a message with a model that answers so; resolves to the prompt. */
function begin(answering: Answering, contextSize = 8192) {
  let prompt = '';
  const running: boolean[] = [];
  const asker: Pick<ModelAsker, 'ask' | 'cost'> = {
    cost: (texts) =>
      Promise.resolve(texts.map((text) => ({ tokens: Math.ceil(text.length / 4), seconds: undefined }))),
    ask: async ({ messages }, onProgress: (progress: ChatProgress) => void, signal) => {
      prompt = messages.at(-1)?.content ?? '';
      let text = '';
      const say = (piece: string) => {
        text += piece;
        onProgress({ kind: 'text', text: piece, tokens: 1, tokensPerSecond: 0 });
      };
      await answering(say, signal, prompt);
      return { text, stopReason: signal.aborted ? 'cancelled' : 'end' } as ChatResult;
    },
  };
  const messages = new CommitMessages({
    ...{ git: gitApi, asker, limit: () => Promise.resolve(Infinity), onRunning: (is) => running.push(is) },
    readiness: { ensureLoaded: () => Promise.resolve({ contextSize } as LoadedModel) },
  });
  const written = messages.write({ rootUri: vscode.Uri.file(folder) }).then(() => prompt);
  return { messages, written, running };
}

describe('commit messages', () => {
  before(async function () {
    if (!(await hasGit())) skipBecause(this, 'git is not installed');
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'lc-git-')));
    await makeRepository(folder);
    const git = await gitApi();
    assert.ok(git, 'The git extension is out of reach.');
    await vscode.commands.executeCommand('git.openRepository', folder);
    repository = await until('the repository', () => git.getRepository(vscode.Uri.file(folder)) ?? undefined);
  });
  after(async () => {
    await vscode.commands.executeCommand('git.close', repository);
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await setInput('');
    await gitIn(folder, 'reset', '--quiet');
  });

  async function setInput(value: string): Promise<void> {
    repository.inputBox.value = value;
    // The editor tells the value back before it answers this.
    await vscode.commands.executeCommand('setContext', 'layercake.test', true);
  }

  async function stage(name: string, content: string): Promise<void> {
    await writeFile(path.join(folder, name), content);
    await gitIn(folder, 'add', '--', name);
  }

  it('stream into the input box, from what is staged alone', async () => {
    await stage('staged.ts', 'export const staged = 1;\n');
    await writeFile(path.join(folder, 'loose.ts'), 'export const loose = 2;\n');
    const seen: string[] = [];
    const { written, running } = begin((say) => {
      for (const piece of ['```\nAdd', ' a constant', '.\n```\nDone.']) {
        say(piece);
        seen.push(repository.inputBox.value);
      }
    });
    const prompt = await written;
    assert.deepEqual(seen, ['Add', 'Add a constant', 'Add a constant']);
    assert.equal(repository.inputBox.value, 'Add a constant');
    assert.deepEqual(running, [true, false]);
    assert.match(prompt, /^Subjects of earlier commits:\nBegin the sample\n/);
    assert.match(prompt, /\+export const staged = 1;/);
    assert.doesNotMatch(prompt, /loose/);
  });

  it('keep what came when they are stopped', async () => {
    await stage('stopped.ts', 'export const stopped = 1;\n');
    const { messages, written } = begin(async (say, signal) => {
      say('Add half');
      messages.stop();
      await until('the abort', () => signal.aborted);
    });
    await written;
    assert.equal(repository.inputBox.value, 'Add half');
  });

  it('give way to a person who types meanwhile', async () => {
    await stage('typed.ts', 'export const typed = 1;\n');
    const { written } = begin(async (say, signal) => {
      say('Add something');
      await setInput('My own words');
      say(' else');
      await until('the abort', () => signal.aborted);
    });
    await written;
    assert.equal(repository.inputBox.value, 'My own words');
  });

  it('take what was noted before as a hint, and leave it where nothing came', async () => {
    await stage('noted.ts', 'export const noted = 1;\n');
    await setInput('for the next release');
    const prompt = await begin(() => undefined).written;
    assert.match(prompt, /The author noted:\nfor the next release/);
    assert.equal(repository.inputBox.value, 'for the next release');
  });

  it('cut the largest diffs to what the context holds', async () => {
    await stage('huge.json', Array.from({ length: 5000 }, (_, index) => `"line ${index}"`).join('\n'));
    await stage('small.ts', 'export const small = 1;\n');
    const prompt = await begin((say) => say('Add both'), 2048).written;
    assert.ok(prompt.length / 4 < 2048 - 300, `The prompt has ${prompt.length} characters.`);
    assert.match(prompt, /\+export const small = 1;/);
    assert.match(prompt, /\[\d+ more lines\]/);
  });

  it('name a file that may hold a secret, and read nothing of it', async () => {
    await stage('.env', 'PASSWORD=swordfish\n');
    const prompt = await begin((say) => say('Add settings')).written;
    assert.match(prompt, /\.env/);
    assert.doesNotMatch(prompt, /swordfish/);
  });

  it('read nothing of a file that held a secret under another name', async () => {
    const name = 'settings.txt';
    await stage('.env', 'PASSWORD=swordfish\nA=1\nB=2\nC=3\n');
    await gitIn(folder, 'commit', '--quiet', '-m', 'Add settings');
    await gitIn(folder, 'mv', '.env', name);
    await stage(name, 'PASSWORD=swordfish\nA=1\nB=2\nC=4\n');
    const prompt = await begin((say) => say('Move settings')).written;
    assert.match(prompt, /settings\.txt/);
    assert.doesNotMatch(prompt, /swordfish/);
  });

  it('are refused in words where another program writes the changes', async () => {
    await stage('outside.ts', 'export const outside = 1;\n');
    await gitIn(folder, 'config', 'diff.external', 'echo');
    try {
      const { written } = begin((say) => say('Add'));
      await assert.rejects(
        written,
        (error) => UserError.is(error) && error.message.includes('diff.external'),
      );
    } finally {
      await gitIn(folder, 'config', '--unset', 'diff.external');
    }
  });

  it('are refused in words where nothing is staged', async () => {
    const { written } = begin((say) => say('Add nothing'));
    await assert.rejects(written, (error) => UserError.is(error) && error.message.includes('staged'));
  });

  it('are refused in words where git is out of reach', async () => {
    const messages = new CommitMessages({
      git: () => Promise.resolve(undefined),
      asker: { ask: () => assert.fail(), cost: () => assert.fail() },
      readiness: { ensureLoaded: () => assert.fail() },
      ...{ limit: () => Promise.resolve(Infinity), onRunning: () => undefined },
    });
    await assert.rejects(messages.write(undefined), (error) => UserError.is(error));
  });
});
