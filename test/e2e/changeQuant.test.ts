import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readGgufHeader } from '../../src/gguf/readHeader';
import { EditorPage } from '../support/editorPage';
import { expectedAnswer, writeScriptedModel, type ScriptedModelInfo } from '../support/scriptedModel';
import { starterPath } from '../support/starter';

/** A quant that is made in the editor, from the list to an answer. Each step builds on the one before. */
let editor: EditorPage;
let models: string;
let scripted: ScriptedModelInfo;
beforeAll(async () => {
  models = await mkdtemp(path.join(tmpdir(), 'lc-models-'));
  scripted = await writeScriptedModel(path.join(models, 'scripted-F16.gguf'), { name: 'Scripted' });
  editor = await EditorPage.open({
    settings: { 'layercake.model.path': scripted.path, 'layercake.load.contextSize': 2048 },
  });
  return async () => {
    await editor.close();
    await rm(models, { recursive: true, force: true });
  };
});
afterEach(({ task }) => editor.screenshotIfFailed(task));

const row = (label: string) =>
  editor.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${label}"]`).first();
const rowWith = (text: string) =>
  editor.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();

/** Loads what a notification says to be ready. */
async function loadReady(name: string): Promise<void> {
  const notice = editor.page.locator('.notifications-toasts .notification-list-item', {
    hasText: `${name} is ready.`,
  });
  await notice.waitFor({ timeout: 60_000 });
  await notice.getByText('Load it').click();
}

async function answerTo(prompt: string): Promise<string> {
  const answer = await editor.ask(prompt);
  await answer.locator('.stats').waitFor({ timeout: 60_000 });
  return answer.innerText();
}

describe('a person who changes the quant', () => {
  it('of a scripted F16 model to Q4_0 loads it, and it says its script', async () => {
    await editor.waitForStatus('scripted');
    await editor.command('Layercake: Change the Quant');
    await row('Q8_0').waitFor();
    await editor.screenshot('10-quants');
    await editor.page.keyboard.type('Q4_0');
    await row('Q4_0').click();
    await loadReady('scripted-Q4_0.gguf');
    await editor.waitForStatus(/Scripted Q4_0 · \d/);
    expect((await readdir(models)).sort()).toEqual(['scripted-F16.gguf', 'scripted-Q4_0.gguf']);
    await editor.command('Layercake: Open Chat');
    expect(await answerTo('Say it briefly')).toContain(expectedAnswer(scripted, 'Say it briefly'));
  });

  it('of the starter, which is quantised already, is warned, makes a Q8_0 of it, and it answers', async (ctx) => {
    const name = 'SmolLM2-135M-Instruct.Q4_1.gguf';
    await symlink(starterPath(ctx), path.join(models, name));
    await editor.command('Layercake: Choose Model');
    await rowWith(name).click();
    await editor.waitForStatus(/Q4_1 · \d/);
    await editor.command('Layercake: Change the Quant');
    await row('Q8_0').waitFor();
    await editor.screenshot('10-quants-of-quantised');
    await row('Q8_0').click();
    const dialog = editor.page.locator('.monaco-dialog-box');
    await dialog.getByText('Make Q8_0 from Q4_1 all the same?').waitFor();
    const warning = await dialog.innerText();
    expect(warning).toContain('stays lost');
    expect(warning).toContain('Published of Q4_1: the perplexity of Llama 2 70B is 2.4 % above');
    await editor.screenshot('10-quant-warning');
    await dialog.getByText('Make it', { exact: true }).click();
    const made = 'SmolLM2-135M-Instruct.Q8_0.gguf';
    await loadReady(made);
    await editor.waitForStatus(/Q8_0 · \d/);
    expect((await readGgufHeader(path.join(models, made))).quant).toBe('Q8_0');
    // What it says is drawn by chance.
    expect(await answerTo('Write an `add(a, b)` function in TypeScript.')).toMatch(/\w[^]*\n\d+ tokens?\n/);
    await editor.screenshot('10-quant-answer');
  });

  it('to a level that is there already is asked, and takes another name', async (ctx) => {
    starterPath(ctx);
    await editor.command('Layercake: Change the Quant');
    await row('Q6_K').waitFor();
    await editor.page.keyboard.type('Q4_1');
    await row('Q4_1').click();
    const dialog = editor.page.locator('.monaco-dialog-box');
    await dialog.getByText('SmolLM2-135M-Instruct.Q4_1.gguf is there already.').waitFor();
    await editor.screenshot('10-quant-exists');
    await dialog.getByText('Make SmolLM2-135M-Instruct.Q4_1-2.gguf').click();
    const ready = editor.page.getByText('SmolLM2-135M-Instruct.Q4_1-2.gguf is ready.');
    await ready.first().waitFor({ timeout: 60_000 });
    expect((await readdir(models)).sort()).toEqual([
      'SmolLM2-135M-Instruct.Q4_1-2.gguf',
      'SmolLM2-135M-Instruct.Q4_1.gguf',
      'SmolLM2-135M-Instruct.Q8_0.gguf',
      'scripted-F16.gguf',
      'scripted-Q4_0.gguf',
    ]);
  });

  it('sees no error of ours', () => {
    expect(editor.errors.unexpected()).toEqual([]);
  });
});
