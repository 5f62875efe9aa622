import { execFileSync } from 'node:child_process';
import type { Locator } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defaultAnswer } from '../support/defaultScripts';
import type { EditorPage } from '../support/editorPage';
import { openScriptedEditor } from '../support/scriptedEditor';

const queue = `export class Queue {
  readonly jobs: string[] = [];

  add(job: string): void {
    this.jobs.push(job);
  }

  run(): string | undefined {
    return this.jobs.shift();
  }
}
`;

/** By the keyboard alone, as far as a person sends from the chat. */
describe('context in the chat', () => {
  let editor: EditorPage;
  beforeAll(async () => {
    const opened = await openScriptedEditor({
      scripts: [{ text: defaultAnswer }],
      contextSize: 8192,
      files: {
        'src/queue.ts': queue,
        'notes.log': 'nothing',
        '.gitignore': '*.log\n',
        '.env': 'TOKEN=abc\n',
        'My notes.md': 'Run one job at a time.\n',
      },
    });
    ({ editor } = opened);
    execFileSync('git', ['init', '-q', editor.workspace]);
    return opened.close;
  });
  afterEach(({ task }) => editor.screenshotIfFailed(task));

  const offers = (): Locator => editor.chat.locator('.completion');
  const labels = (): Promise<string[]> => editor.chat.locator('.completion-label').allInnerTexts();
  const chips = (): Locator => editor.chat.locator('.composer .chip');
  const input = (): Locator => editor.chat.locator('.composer textarea');
  const press = (key: string): Promise<void> => editor.page.keyboard.press(key);
  const type = (text: string): Promise<void> => editor.page.keyboard.type(text);

  it('is offered as one types, becomes a chip with its tokens and seconds, and is sent', async () => {
    await editor.openFile('src/queue.ts');
    await editor.command('Layercake: Load Model');
    await editor.waitForStatus(/Scripted F16 ·/);
    await editor.command('Layercake: Open Chat');
    await input().waitFor();
    await type('@');
    await offers().waitFor();
    expect(await labels()).toEqual(
      expect.arrayContaining(['File…', 'Folder…', 'Symbol…', 'queue.ts', 'My notes.md']),
    );
    expect(await labels()).not.toEqual(expect.arrayContaining(['.env']));
    expect(await labels()).not.toEqual(expect.arrayContaining(['notes.log']));
    await editor.screenshot('context-offers');
    await type('que');
    await expect.poll(async () => (await labels())[0]).toBe('queue.ts');
    await press('Enter');
    await chips().first().waitFor();
    expect(await input().inputValue()).toBe('');
    await expect.poll(() => chips().first().innerText()).toMatch(/queue\.ts\s*\d+ tokens · ≈ [\d.]+ s/);
    await type('How does it differ from @folder:src');
    await offers().waitFor();
    await press('Tab');
    await expect.poll(() => chips().count()).toBe(2);
    expect(await input().inputValue()).toBe('How does it differ from src ');
    await expect.poll(() => chips().first().innerText()).toMatch(/src\/ · 2 files\s*\d+ tokens/);
    await editor.screenshot('context-chips');
    await press('Enter');
    const asked = editor.chat.locator('.message.user').last();
    await asked.waitFor();
    expect(await asked.locator('.chip-label').allInnerTexts()).toEqual(['src/ · 2 files', 'queue.ts']);
    await editor.chat.locator('.answer .stats').last().waitFor();
    expect(await chips().count()).toBe(0);
  });

  it('is told in words where it cannot be had, and the message waits in the input', async () => {
    await input().click();
    await type('Explain @file:src/nowhere.ts, please');
    await press('Enter');
    await editor.chat.getByText('src/nowhere.ts was not found in the workspace.').waitFor();
    expect(await input().inputValue()).toBe('Explain src/nowhere.ts, please');
    await input().fill('');
  });

  it('asks before it reads what may hold secrets', async () => {
    await input().click();
    await type('Why @file:.env ');
    const dialog = editor.page.locator('.monaco-dialog-box');
    await dialog.getByText('Add .env to the message?').waitFor();
    await dialog.getByText('It may hold passwords, keys or certificates.').waitFor();
    await editor.screenshot('context-secret');
    await dialog.getByText('Cancel').click();
    await editor.chat.getByText('.env was left out.').waitFor();
    expect(await chips().count()).toBe(0);
    // The dialog had the focus; the input has it again.
    await expect.poll(() => input().evaluate((field) => field.ownerDocument.hasFocus())).toBe(true);
    await type('anew');
    expect(await input().inputValue()).toBe('Why .env anew');
  });

  it('that would take too long to read is cut to what the question is about, unless all of it is wanted', async () => {
    await editor.useSettings({ 'layercake.context.budgetSeconds': 0.001 });
    await input().fill('');
    await type('What does run do in @file:src/queue.ts ');
    const line = editor.chat.locator('.budget');
    await line.getByText(/What matters most to the question goes along/).waitFor();
    await editor.screenshot('context-budget');
    await line.getByRole('button', { name: 'Send all of it' }).click();
    await line.getByText('All of it goes along.').waitFor();
    await line.getByRole('button', { name: /Keep to/ }).click();
    await input().click();
    await press('Control+End');
    await press('Enter');
    const chip = editor.chat.locator('.message.user').last().locator('.chip');
    await expect.poll(() => chip.innerText()).toMatch(/queue\.ts\s*\d+ of \d+ tokens/);
    await editor.useSettings({});
  });

  it.each([
    ['light', 'vscode-light', { 'workbench.colorTheme': 'Default Light Modern' }],
    ['dark', 'vscode-dark', { 'workbench.colorTheme': 'Default Dark Modern' }],
    ['high contrast', 'vscode-high-contrast', { 'workbench.colorTheme': 'Default High Contrast' }],
    [
      'right to left',
      'vscode-dark',
      { 'layercake.language': 'ar', 'workbench.colorTheme': 'Default Dark Modern' },
    ],
  ])('is legible where the page is %s', async (name, kind, settings) => {
    await editor.useSettings(settings);
    await editor.chat.locator(`body.${kind}`).waitFor();
    if (name === 'right to left') await editor.chat.locator('html[dir="rtl"]').waitFor();
    await input().focus();
    await input().fill('');
    await type('@');
    await offers().waitFor();
    await press('ArrowDown');
    await editor.screenshot(`context-offers-${name.replaceAll(' ', '-')}`);
    await press('Escape');
    expect(await offers().isHidden()).toBe(true);
  });
});
