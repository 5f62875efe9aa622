import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { EditQuestion } from '../../src/actions/editAsker';
import type { AskRequest } from '../../src/chat/chatApi';
import type { ContextSources } from '../../src/context/contextSources';
import { settingDefaults, type SettingKey, type SettingTypes } from '../../src/contributions';
import { EditorTracker } from '../../src/edit/editorTracker';
import { UserError } from '../../src/errors';
import { OwnPrompts } from '../../src/prompts/ownPrompts';
import { PromptRunner } from '../../src/prompts/promptRunner';
import { closeAllEditors, openFile, workspaceFolder } from '../support/hostWorkspace';

describe('prompts of a person’s own', () => {
  let editors: EditorTracker;
  const folder = () => vscode.Uri.joinPath(workspaceFolder(), '.layercake');
  const inSettings: Record<string, unknown> = {
    short: 'Make it shorter.',
    review: 'The one of the settings.',
    broken: { mode: 'chat' },
  };
  const read = <K extends SettingKey>(key: K): SettingTypes[K] =>
    key === 'prompts' ? (inSettings as SettingTypes[K]) : settingDefaults[key];
  const named: string[] = [];
  const sources: ContextSources = {
    offers: () => Promise.resolve([]),
    resolve: (text) => {
      named.push(text);
      return Promise.resolve({ text, attachments: [], problems: [] });
    },
  };

  before(async () => {
    editors = new EditorTracker();
    const write = async (name: string, text: string) => {
      await openFile(`.layercake/prompts/${name}`, text);
    };
    await write(
      'review.md',
      '---\ndescription: Look for mistakes\ncontext: "@problems"\n---\nReview {{input}} now.',
    );
    await write('shorten.md', '---\nmode: edit\n---\nShorten this.');
    await write('wrong.md', '---\nmode: loud\n---\nShout.');
    await write('notes.txt', 'No prompt.');
    await closeAllEditors();
  });
  after(async () => {
    editors.dispose();
    await closeAllEditors();
    await vscode.workspace.fs.delete(folder(), { recursive: true });
  });
  beforeEach(() => named.splice(0));

  function runner() {
    const asked: AskRequest[] = [];
    const edited: EditQuestion[] = [];
    const prompts = new OwnPrompts(read, sources);
    const chat = {
      ask: (request: AskRequest) => {
        asked.push(request);
        return Promise.resolve({ kind: 'answered' as const, text: '' });
      },
    };
    const edits = {
      ask: (question: EditQuestion) => {
        edited.push(question);
        return Promise.resolve();
      },
    };
    return {
      asked,
      edited,
      run: (given: unknown) => new PromptRunner({ prompts, sources, chat, edits, editors }).run(given),
    };
  }

  it('come from files and settings, a file before a setting of its name', async () => {
    const { prompts, problems } = await new OwnPrompts(read, sources).list();
    assert.deepEqual(
      prompts.map(({ name }) => name),
      ['review', 'short', 'shorten'],
    );
    assert.equal(prompts[0]?.description, 'Look for mistakes');
    assert.equal(problems.length, 2);
    assert.match(problems.join('\n'), /wrong\.md[\s\S]*layercake\.prompts\.broken/);
  });

  it('are offered in the chat while their name is typed', async () => {
    const offers = await new OwnPrompts(read, sources).offers('/Sho');
    assert.deepEqual(
      offers.map(({ insert, detail, kind }) => ({ insert, detail, kind })),
      [
        { insert: '/short', detail: 'Make it shorter.', kind: 'prompt' },
        { insert: '/shorten', detail: 'Shorten this.', kind: 'prompt' },
      ],
    );
  });

  it('stand for their text in the chat, with their context and with what follows', async () => {
    const prompts = new OwnPrompts(read, sources);
    assert.equal((await prompts.resolve('/review the queue')).text, 'Review the queue now.');
    assert.deepEqual(named, ['@problems']);
    assert.equal(
      (await prompts.resolve('/short\nBut keep names.')).text,
      'Make it shorter.\n\nBut keep names.',
    );
    for (const other of ['/nothing of ours', '/usr/bin/env', 'see /short']) {
      assert.equal((await prompts.resolve(other)).text, other);
    }
  });

  it('run in the chat by a key', async () => {
    const { asked, run } = runner();
    await run({ name: 'review', input: 'the queue' });
    await run('/short');
    assert.deepEqual(
      asked.map(({ text }) => text),
      ['Review the queue now.', 'Make it shorter.'],
    );
  });

  it('change the selected code, where their mode is edit', async () => {
    const editor = await openFile('prompted.ts', 'const a = 1;\nconst b = 2;\n');
    editor.selection = new vscode.Selection(0, 0, 0, 5);
    const { edited, run } = runner();
    await run('shorten');
    assert.match(edited[0]?.text ?? '', /^Shorten this\.\nAnswer with the whole selected code/);
    assert.deepEqual(edited[0]?.code.lines, { start: 0, end: 0 });
    await vscode.workspace.fs.delete(editor.document.uri);
  });

  it('are named in the words of a refusal where there is none of a name', async () => {
    const { run } = runner();
    await assert.rejects(run('nothing'), (error) => UserError.is(error) && error.message.includes('nothing'));
  });

  it('say in a refusal what is wrong with the one of that name', async () => {
    const { run } = runner();
    const says = (words: RegExp) => (error: unknown) => UserError.is(error) && words.test(error.message);
    await assert.rejects(run('/wrong'), says(/wrong\.md: the mode of a prompt is/));
    await assert.rejects(run('broken'), says(/layercake\.prompts\.broken cannot be read.* an object with/));
  });
});
