import * as assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/contributions';
import type { ExtensionApi } from '../../src/extension';
import { readSetting, writeSetting } from '../../src/settings';
import { needUi, ui } from '../support/hostBridge';
import { activeExtension, until } from '../support/hostWorkspace';
import { HubStand } from '../support/hubStand';
import { writeScriptedModel } from '../support/scriptedModel';

const name = 'someone/Scripted-GGUF';
const mebibyte = 2 ** 20;

const found = (label: string) => `.quick-input-list .monaco-list-row[aria-label^="${label}"]`;
const download = '.pane-body [role="treeitem"][aria-label^="Scripted Q8_0"]';
const input = '.quick-input-widget input[type="text"]';

describe('a model from a hub', function () {
  this.timeout(90_000);
  let api: ExtensionApi;
  let root: string;
  let own: string;
  /** Where the model goes. */
  let folder: string;
  let stand: HubStand;

  before(async () => {
    api = (await activeExtension()).exports as ExtensionApi;
    root = await mkdtemp(path.join(tmpdir(), 'lc-get-'));
    own = path.join(root, 'own');
    folder = path.join(own, ...name.split('/'));
    // Some ten pieces of the downloader's, so that there is something to watch.
    const shape = { blocks: 2, feedForward: 24_576 };
    const small = await writeScriptedModel(path.join(root, 'small.gguf'), {
      name: 'Scripted',
      shape,
      quant: 'Q8_0',
    });
    const large = await writeScriptedModel(path.join(root, 'large.gguf'), { shape: '70B', quant: 'Q4_K_M' });
    stand = await new HubStand().start();
    await stand.add({
      ...{ name, downloads: 12_345 },
      files: [
        { path: 'Scripted-Q8_0.gguf', file: small.path },
        { path: 'Scripted-Q4_K_M.gguf', file: large.path, sha256: '7'.repeat(64) },
      ],
    });
    await stand.add({
      name: 'someone/Guarded',
      gated: true,
      files: [{ path: 'G-Q8_0.gguf', file: small.path }],
    });
    await writeSetting('models.endpoint', stand.endpoint);
    await writeSetting('models.downloadFolder', own);
  });
  after(async () => {
    stand.stop();
    await vscode.commands.executeCommand(commandIds.unloadModel);
    await vscode.commands.executeCommand('notifications.clearAll');
    for (const key of ['models.endpoint', 'models.downloadFolder', 'model.path'] as const) {
      await writeSetting(key, undefined);
    }
    await rm(root, { recursive: true, force: true });
  });

  /** Opens the list and searches. */
  async function search(text: string): Promise<void> {
    void vscode.commands.executeCommand(commandIds.getModel);
    await ui.wait(found('Qwen3 8B'));
    await ui.fill(input, text);
  }

  it('is suggested on the first screen, with its plan, while none is configured', async function () {
    needUi(this);
    await vscode.commands.executeCommand(commandIds.openChat);
    await ui.wait('.engine .offer', 'view');
    assert.equal(await ui.count('.engine .offer', 'view'), 3);
    assert.match(await ui.text('.engine .offer', 'view'), /about \d.*GiB as .* tok\/s estimated/);
    await ui.screenshot('get-first-screen');
    assert.deepEqual(stand.requests, []);
  });

  it('is suggested from the curated list, without a word to the hub', async function () {
    needUi(this);
    void vscode.commands.executeCommand(commandIds.getModel);
    await ui.wait(found('gpt-oss 20B'));
    assert.match(await ui.text(found('Qwen3 8B')), /chat[\s\S]*about \d.*GiB as .*estimated/);
    await ui.screenshot('get-suggestions');
    await ui.press('Escape');
    assert.deepEqual(stand.requests, []);
  });

  it('is found by its name, and planned before it is here', async function () {
    needUi(this);
    await search('scripted');
    await ui.wait(found(name));
    assert.match(await ui.text(found(name)), /12k downloads · 3 likes/);
    await ui.screenshot('get-search');
    await ui.click(found(name));
    await ui.wait(`${found('Q8_0')}:has-text("estimated")`);
    assert.match(await ui.text(found('Q8_0')), /\d+ MiB · fits.* · .* tok\/s estimated/);
    assert.match(await ui.text(found('Q4_K_M')), /39\.6 GiB/);
    await ui.screenshot('get-quants');
    // Both headers, and not much more.
    assert.ok(stand.bytesSent < 16 * mebibyte, `${stand.bytesSent} bytes were sent`);
  });

  it('shows how it comes, can be paused, and goes on', async function () {
    needUi(this);
    stand.bytesPerSecond = 1.5 * mebibyte;
    await ui.click(found('Q8_0'));
    await vscode.commands.executeCommand('layercake.models.focus');
    await ui.wait(`${download}:has-text("%")`);
    await ui.wait('.statusbar-item[id*="layercake.downloads"]:has-text("%")');
    await until(
      'a piece on the disk',
      async () => (await readdir(folder).catch(() => [])).length > 1,
      30_000,
    );
    await ui.screenshot('get-progress');
    await ui.click(download);
    await ui.click(`${download} .codicon-debug-pause`);
    await ui.wait(`${download}:has-text("paused")`);
    assert.deepEqual(await readdir(folder), ['Scripted-Q8_0.gguf.unchecked.ipull']);
    assert.ok(!(await api.models()).some(({ path: file }) => file.startsWith(own)));
    stand.bytesPerSecond = Infinity;
    await ui.click(download);
    await ui.click(`${download} .codicon-debug-continue`);
    await until('its end', async () => (await readdir(folder)).includes('Scripted-Q8_0.gguf'), 30_000);
    // A host under test shows no toasts.
    await vscode.commands.executeCommand('notifications.showList');
    await ui.wait('.notifications-center :text("is on this machine now")');
    await ui.screenshot('get-done');
    await vscode.commands.executeCommand('notifications.hideList');
    assert.deepEqual((await readdir(folder)).sort(), ['Scripted-Q8_0.gguf', 'Scripted-Q8_0.gguf.sha256']);
    await until('the row to go', async () => (await ui.count(download)) === 0);
  });

  it('is listed then, and loads', async function () {
    needUi(this);
    const file = path.join(folder, 'Scripted-Q8_0.gguf');
    const entry = await until('the model in the list', async () =>
      (await api.models()).find((each) => each.path === file),
    );
    await vscode.commands.executeCommand(commandIds.loadListedModel, entry);
    assert.equal(readSetting('model.path'), file);
    await ui.wait('.statusbar-item[id^="layercake.layercake"]:has-text("Scripted Q8_0")');
  });

  it('is what the first screen offers then, where none is configured', async function () {
    needUi(this);
    await vscode.commands.executeCommand(commandIds.unloadModel);
    await writeSetting('model.path', undefined);
    await vscode.commands.executeCommand(commandIds.openChat);
    const here = '.engine .offer:has-text("Scripted")';
    await ui.wait(here, 'view');
    assert.match(await ui.text(here, 'view'), /Q8_0 · 39 MiB · fits/);
    await ui.screenshot('get-first-screen-here');
    await ui.click(here, 'view');
    await ui.wait('.statusbar-item[id^="layercake.layercake"]:has-text("Scripted Q8_0")');
    assert.equal(readSetting('model.path'), path.join(folder, 'Scripted-Q8_0.gguf'));
  });

  it('leaves nothing where its download is cancelled', async function () {
    needUi(this);
    await rm(own, { recursive: true, force: true });
    stand.bytesPerSecond = 1.5 * mebibyte;
    await search(name);
    await ui.wait(found(name));
    await ui.click(found(name));
    await ui.wait(`${found('Q8_0')}:has-text("estimated")`);
    await ui.click(found('Q8_0'));
    await vscode.commands.executeCommand('layercake.models.focus');
    await ui.wait(`${download}:has-text("%")`);
    await ui.click(download);
    await ui.click(`${download} .codicon-close`);
    await until('nothing left', async () => (await ui.count(download)) === 0);
    await until('no files left', async () => (await readdir(own).catch(() => [])).length === 0);
    stand.bytesPerSecond = Infinity;
  });

  it('that is gated asks for a token, says where the licence is, and goes on with it', async function () {
    needUi(this);
    await search('guarded');
    await ui.wait(found('someone/Guarded'));
    await ui.click(found('someone/Guarded'));
    await ui.wait(found('Enter an access token'));
    await ui.wait(found('Open the page of the licence'));
    await ui.screenshot('get-gated');
    await ui.click(found('Enter an access token'));
    await ui.wait('.quick-input-widget input[type="password"]');
    await ui.fill('.quick-input-widget input[type="password"]', stand.token);
    await ui.press('Enter');
    await ui.wait(`${found('Q8_0')}:has-text("estimated")`);
    await ui.press('Escape');
    const carried = stand.requests.filter(
      ({ host, authorization }) => host === 'cdn' && authorization !== undefined,
    );
    assert.deepEqual(carried, []);
  });
});
