import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EditorPage } from '../support/editorPage';
import { splitModel, writeFakeHome, type FakeHome } from '../support/fakeHomes';
import { writeScriptedModel } from '../support/scriptedModel';

/** What a person finds on a machine on which the seven other programs are used. Each step builds on the one before. */
let editor: EditorPage;
let fake: FakeHome;
let own: string;
beforeAll(async () => {
  editor = await EditorPage.open({
    home: async (home) => {
      fake = await writeFakeHome(home, 'linux');
      const published = path.join(home, '.lmstudio/models/publisher');
      await mkdir(path.join(published, 'large'), { recursive: true });
      const large = { name: 'Large 70B Instruct', shape: '70B', quant: 'Q4_K_M' } as const;
      await writeScriptedModel(path.join(published, 'large/large-70b-Q4_K_M.gguf'), large);
      await writeFile(path.join(published, 'large/broken-00001-of-00002.gguf'), splitModel('Broken')[0]);
      own = path.join(home, 'server/data/User/globalStorage/layercake.layercake/models');
      await mkdir(own, { recursive: true });
      await writeScriptedModel(path.join(own, 'scripted.gguf'), { name: 'Scripted' });
      await writeScriptedModel(path.join(own, 'spare.gguf'), { name: 'Spare', shape: { blocks: 1 } });
    },
    settings: { 'layercake.load.contextSize': 2048 },
  });
  return () => editor.close();
});
afterEach(({ task }) => editor.screenshotIfFailed(task));

const row = (name: string): Locator =>
  editor.page.locator(`.pane-body [role="treeitem"][aria-label^="${name}, "]`);
const notice = (text: string): Locator =>
  editor.page.locator('.notifications-toasts .notification-list-item', { hasText: text });

/** A hover would cover the rows. */
async function leaveRows(): Promise<void> {
  await editor.page.mouse.move(700, 400);
  await editor.page.locator('.workbench-hover').waitFor({ state: 'detached' });
}

/** Chooses from the menu of a model's row. */
async function choose(name: string, action: string): Promise<void> {
  await leaveRows();
  await row(name).click({ button: 'right' });
  const item = editor.page.locator('.monaco-menu .action-label', { hasText: action }).first();
  await item.waitFor();
  // A menu takes no click in the moment after it has opened.
  await expect
    .poll(
      async () => {
        await item.click({ timeout: 500 }).catch(() => undefined);
        return item.isVisible();
      },
      { timeout: 10_000, interval: 300 },
    )
    .toBe(false);
}

/** The same until it has come of it: a click in a menu may close it and do nothing more. */
async function chooseUntil(name: string, action: string, outcome: Locator): Promise<void> {
  await expect
    .poll(
      async () => {
        await choose(name, action);
        await outcome.waitFor({ timeout: 5_000 }).catch(() => undefined);
        return outcome.isVisible();
      },
      { timeout: 50_000, interval: 300 },
    )
    .toBe(true);
}

describe('a person who looks at the models of the machine', () => {
  it('finds each of them once, with the plan’s verdict', async () => {
    await editor.command('Layercake: Focus on Models View');
    await row('Cached').waitFor({ timeout: 30_000 });
    // The list gets the room of the chat, so that all rows are in the page.
    await editor.page.locator('.pane-header', { hasText: 'Chat' }).click();
    const names = [...Object.keys(fake.models), 'broken', 'Large 70B Instruct', 'Scripted', 'Spare'];
    for (const name of names) await row(name).waitFor();
    const shown = editor.page.locator('.pane-body [role="treeitem"]');
    expect(await shown.count()).toBe(names.length);
    expect(await row('Scripted').getAttribute('aria-label')).toMatch(
      /^Scripted, fits, \d+M, llama, F16, \d+ MiB$/,
    );
    expect(await row('Large 70B Instruct').getAttribute('aria-label')).toMatch(
      /, (does not fit|reads from the disk|fits, barely|fits), 70.6B, llama, Q4_K_M, 39.6 GiB$/,
    );
    expect(await row('broken').getAttribute('aria-label')).toBe('broken, cannot be used, 0 MiB');
    await editor.screenshot('11-models');
  });

  it('reads all facts and places of one in its hover', async () => {
    await row('Everywhere').hover();
    const hover = editor.page.locator('.workbench-hover');
    await hover.getByText('Trained for').waitFor();
    const text = await hover.innerText();
    for (const words of [
      'LM Studio: ',
      'Jan: ',
      'Ollama (everywhere:8b, everywhere:latest): ',
      'Quant: Q8_0',
    ]) {
      expect(text).toContain(words);
    }
    await editor.screenshot('11-models-hover');
  });

  it('sees them in a dark theme too', async () => {
    await editor.useTheme('Default Dark Modern');
    await editor.page.locator('.monaco-workbench.vs-dark').waitFor();
    await leaveRows();
    await editor.screenshot('11-models-dark');
  });

  it('has one verified by the hash that its program knows', async () => {
    const unchanged = 'someone/tuned:q8_0 is unchanged: its SHA-256 is the one that Ollama names it by.';
    await chooseUntil('someone/tuned:q8_0', 'Verify', notice(unchanged).first());
    await chooseUntil('broken', 'Verify', notice('part 2 of 2 is missing').first());
    await editor.screenshot('11-models-verified');
  });

  it('loads one by the button of its row', async () => {
    await leaveRows();
    await row('Scripted').hover();
    await row('Scripted').getByRole('button', { name: 'Load' }).click();
    await editor.waitForStatus(/Scripted F16 · \d/);
    await row('Scripted, loaded').waitFor();
  });

  it('is told why one cannot draft for it, and keeps one that can', async () => {
    await choose('Cached', 'Use as Draft Model');
    await notice('Cached cannot draft for the chat model. Its vocabulary has 5 tokens').waitFor();
    await editor.screenshot('11-models-draft');
    await choose('Spare', 'Use as Draft Model');
    await row('Spare, draft').waitFor();
  });

  it('deletes one of Layercake’s own after a question, and none that is loaded', async () => {
    await choose('Scripted', 'Delete');
    await notice('Scripted is loaded. Unload it first').waitFor();
    await choose('Spare', 'Delete');
    const dialog = editor.page.locator('.monaco-dialog-box');
    await dialog.getByText('Delete Spare').waitFor();
    await editor.screenshot('11-models-delete');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await row('Spare').waitFor({ state: 'detached' });
    await expect(access(path.join(own, 'spare.gguf'))).rejects.toThrow('ENOENT');
    await access(path.join(own, 'scripted.gguf'));
  });

  it('sees no error but what was refused', () => {
    const refusals = /part 2 of 2 is missing|cannot draft for the chat model|Unload it first/;
    expect(editor.errors.unexpected().filter((error) => !refusals.test(error))).toEqual([]);
  });
});
