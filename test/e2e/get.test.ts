import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EditorPage } from '../support/editorPage';
import { HubStand } from '../support/hubStand';
import { expectedAnswer, writeScriptedModel, type ScriptedModelInfo } from '../support/scriptedModel';

/** A model that is got in the editor, from a search to an answer, with a restart of the editor in mid-download. */
let editor: EditorPage;
let stand: HubStand;
let root: string;
let scripted: ScriptedModelInfo;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'lc-hub-'));
  const shape = { blocks: 2, feedForward: 24_576 };
  scripted = await writeScriptedModel(path.join(root, 'model.gguf'), {
    name: 'Scripted',
    shape,
    quant: 'Q8_0',
  });
  stand = await new HubStand().start();
  await stand.add({
    name: 'someone/Scripted-GGUF',
    files: [{ path: 'Scripted-Q8_0.gguf', file: scripted.path }],
  });
  editor = await EditorPage.open({
    settings: {
      'layercake.models.endpoint': stand.endpoint,
      'layercake.models.downloadFolder': path.join(root, 'own'),
      'layercake.load.contextSize': 2048,
    },
  });
  return async () => {
    await editor.close();
    stand.stop();
    await rm(root, { recursive: true, force: true });
  };
});
afterEach(({ task }) => editor.screenshotIfFailed(task));

const row = (label: string) =>
  editor.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${label}"]`).first();
const notice = (text: string) =>
  editor.page.locator('.notifications-toasts .notification-list-item', { hasText: text });
const progress = () => editor.page.locator('.statusbar-item[id*="layercake.downloads"]');
const there = () => readdir(path.join(root, 'own/someone/Scripted-GGUF')).catch(() => []);

describe('a person who gets a model', () => {
  it('searches, sees its plan, and watches it come', async () => {
    await editor.command('Layercake: Get a Model');
    await row('Qwen3 8B').waitFor();
    await editor.page.keyboard.type('scripted');
    await row('someone/Scripted-GGUF').click();
    await row('Q8_0').filter({ hasText: 'tok/s estimated' }).waitFor();
    stand.bytesPerSecond = 2 * 2 ** 20;
    await row('Q8_0').click();
    await progress().filter({ hasText: '%' }).waitFor();
    await expect.poll(there, { timeout: 30_000 }).toContain('Scripted-Q8_0.gguf.unchecked.ipull');
    await editor.screenshot('11-download');
  });

  it('restarts the editor in its middle, and goes on', async () => {
    await editor.page.reload();
    await editor.statusBar.waitFor({ timeout: 60_000 });
    const unfinished = notice('The download of Scripted Q8_0 has not finished');
    await unfinished.waitFor({ timeout: 30_000 });
    await editor.screenshot('11-download-unfinished');
    expect(await there()).not.toContain('Scripted-Q8_0.gguf');
    stand.bytesPerSecond = Infinity;
    await unfinished.getByText('Resume').click();
    await notice('Scripted Q8_0 is on this machine now').waitFor({ timeout: 60_000 });
    expect((await there()).sort()).toEqual(['Scripted-Q8_0.gguf', 'Scripted-Q8_0.gguf.sha256']);
    await editor.screenshot('11-download-done');
  });

  it('loads it, and it says its script', async () => {
    await notice('Scripted Q8_0 is on this machine now').getByText('Load').click();
    await editor.waitForStatus(/Scripted Q8_0 · \d/);
    await editor.command('Layercake: Open Chat');
    const answer = await editor.ask('Say it briefly');
    await answer.locator('.stats').waitFor({ timeout: 60_000 });
    expect(await answer.innerText()).toContain(expectedAnswer(scripted, 'Say it briefly'));
  });

  it('sees no error of ours', () => {
    expect(editor.errors.unexpected()).toEqual([]);
  });
});
