import * as assert from 'node:assert/strict';
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/contributions';
import type { ExtensionApi } from '../../src/extension';
import type { LibraryEntry } from '../../src/library/entry';
import { loadSettingsFor } from '../../src/models/loadSettings';
import { readRawSetting, readSetting, writeSetting } from '../../src/settings';
import { writeFakeHome, type FakeHome } from '../support/fakeHomes';
import { needUi, ui } from '../support/hostBridge';
import { activeExtension, until } from '../support/hostWorkspace';
import { writeScriptedModel } from '../support/scriptedModel';

/** What says where programs keep their models; the search asks anew each time. */
const variables = ['HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'HF_HOME', 'HF_HUB_CACHE', 'OLLAMA_MODELS'];

const rowOf = (name: string) => `.pane-body [role="treeitem"][aria-label^="${name}, "]`;
const focusedRow = '.pane-body .monaco-list-row.focused';

describe('the models of this machine', function () {
  this.timeout(60_000);
  const before_ = new Map(variables.map((name) => [name, process.env[name]]));
  let home: string;
  let own: string;
  let fake: FakeHome;
  let api: ExtensionApi;

  const entryOf = async (name: string): Promise<LibraryEntry> => {
    const entry = (await api.models()).find((each) => each.name === name);
    assert.ok(entry !== undefined, `${name} is not listed`);
    return entry;
  };

  before(async () => {
    api = (await activeExtension()).exports as ExtensionApi;
    home = await mkdtemp(path.join(tmpdir(), 'lc-home-'));
    for (const name of variables) Reflect.deleteProperty(process.env, name);
    process.env['HOME'] = home;
    fake = await writeFakeHome(home, 'linux');
    own = path.join(home, 'own');
    await mkdir(own);
    await writeScriptedModel(path.join(own, 'scripted.gguf'), { name: 'Scripted' });
    // Told of by the change of a setting, as a person would.
    await writeSetting('models.downloadFolder', own);
  });
  after(async () => {
    for (const [name, value] of before_) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    for (const key of [
      'models.downloadFolder',
      'model.path',
      'completion.modelPath',
      'draft.modelPath',
    ] as const) {
      await writeSetting(key, undefined);
    }
    await vscode.commands.executeCommand(commandIds.unloadModel);
    await rm(home, { recursive: true, force: true });
  });

  it('are each listed once, with the places that have them', async () => {
    const models = await until('all models', async () => {
      const entries = await api.models();
      return entries.some(({ name }) => name === 'Scripted') && entries;
    });
    const found = models.map(({ name, places }) => [name, [...places].sort()]);
    const expected = Object.entries({ ...fake.models, Scripted: ['layercake'] });
    assert.deepEqual(
      Object.fromEntries(found),
      Object.fromEntries(expected.map(([name, places]) => [name, [...places].sort()])),
    );
    assert.equal(found.length, expected.length);
  });

  it('are rows of the view, with verdict and facts', async function () {
    needUi(this);
    await vscode.commands.executeCommand('layercake.models.focus');
    await ui.wait(rowOf('Scripted'));
    await ui.screenshot('models-host');
    // Only rows that can be seen are in the page: the focus goes through all of them.
    const shown: string[] = [];
    await ui.click(rowOf('Cached'));
    await vscode.commands.executeCommand('list.focusFirst');
    while (shown.length < Object.keys(fake.models).length + 1) {
      shown.push((await ui.text(focusedRow)).replace(/\s+/g, ' '));
      await vscode.commands.executeCommand('list.focusDown');
    }
    const expected = [...Object.keys(fake.models), 'Scripted'].sort((x, y) => x.localeCompare(y));
    assert.deepEqual(
      shown.map((words, index) => words.startsWith(expected[index] ?? '') && expected[index]),
      expected,
    );
    const scripted = shown.find((words) => words.startsWith('Scripted')) ?? '';
    assert.match(scripted, /^Scripted ?(fits|fits, barely) · \d+M · llama · F16 · \d+ MiB$/);
  });

  it('are loaded from the list', async () => {
    const entry = await entryOf('Scripted');
    await vscode.commands.executeCommand(commandIds.loadListedModel, entry);
    assert.equal(readSetting('model.path'), entry.path);
    const { options } = loadSettingsFor(entry.path, readRawSetting);
    const shown = await api.plans.of(options, new AbortController().signal).next();
    assert.equal(shown.value?.kind, 'loaded');
  });

  it('are not deleted while loaded, nor where another program keeps them', async () => {
    const scripted = await entryOf('Scripted');
    await vscode.commands.executeCommand(commandIds.deleteModel, scripted);
    const cached = await entryOf('Cached');
    await vscode.commands.executeCommand(commandIds.deleteModel, cached);
    await access(scripted.path);
    await access(cached.path);
  });

  it('are kept for completions where they can fill in, and as a draft only with the chat model’s vocabulary', async () => {
    const other = path.join(own, 'draft.gguf');
    await writeScriptedModel(other, { name: 'Draft', shape: { blocks: 1 } });
    await vscode.commands.executeCommand(commandIds.refreshModels);
    const draft = await until('the new model', async () =>
      (await api.models()).find(({ name }) => name === 'Draft'),
    );
    const foreign = await entryOf('Cached');
    await vscode.commands.executeCommand(commandIds.useAsDraft, foreign);
    assert.equal(readSetting('draft.modelPath'), '');
    await vscode.commands.executeCommand(commandIds.useAsDraft, draft);
    assert.equal(readSetting('draft.modelPath'), other);
    await vscode.commands.executeCommand(commandIds.useForCompletions, draft);
    assert.equal(readSetting('completion.modelPath'), '');
    const filling = path.join(own, 'fills-in.gguf');
    await writeScriptedModel(filling, { name: 'Fills in', shape: { blocks: 1 }, fim: true });
    await vscode.commands.executeCommand(commandIds.refreshModels);
    const found = await until('the model that fills in', async () =>
      (await api.models()).find(({ name }) => name === 'Fills in'),
    );
    await vscode.commands.executeCommand(commandIds.useForCompletions, found);
    assert.equal(readSetting('completion.modelPath'), filling);
  });

  it('are all offered where a model is chosen', async function () {
    needUi(this);
    const closed = vscode.commands.executeCommand(commandIds.chooseModel);
    await ui.wait('.quick-input-list .monaco-list-row[aria-label^="Cached"]');
    for (const name of Object.keys(fake.models)) {
      await ui.fill('.quick-input-widget input', name);
      await ui.wait(`.quick-input-list .monaco-list-row[aria-label^="${name}"]`);
    }
    await ui.press('Escape');
    await closed;
  });
});
