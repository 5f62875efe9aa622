import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EditorPage } from '../support/editorPage';
import { openScriptedEditor } from '../support/scriptedEditor';

const before = `export function total(prices: number[]): number {
  const sum: number = 'nothing yet';
  return prices.reduce((all, price) => all + price, sum);
}
`;
const fixed = before.replace("'nothing yet'", '0');
const message = 'Add a queue\n\nWhat is pushed first is taken first.';
const queue = `export class Queue<T> {
  private readonly items: T[] = [];

  push(item: T): void {
    this.items.push(item);
  }
}
`;
const prompt = '---\ndescription: Say what could be simpler\nmode: edit\n---\nMake this simpler.\n';

let editor: EditorPage;
beforeAll(async () => {
  const opened = await openScriptedEditor({
    scripts: [
      { text: 'I have nothing to say.' },
      // How the prompts end: that for a commit message, and those for code.
      { lastWords: ['message.'], text: `\`\`\`\n${message}\n\`\`\`` },
      { lastWords: ['text.'], text: `\`\`\`typescript\n${fixed}\`\`\`` },
    ],
    contextSize: 4096,
    files: { 'src/total.ts': before },
    staged: { 'src/queue.ts': queue, '.layercake/prompts/simpler.md': prompt },
    settings: {
      'layercake.codeLens': true,
      'layercake.prompts': { doubts: { prompt: 'What is doubtful here?', mode: 'inline' } },
    },
  });
  ({ editor } = opened);
  return opened.close;
});
afterEach(({ task }) => editor.screenshotIfFailed(task));

/** What the input box of the source control view says. */
const commitInput = () => editor.page.locator('.scm-editor .view-lines');

describe('actions in the real editor', () => {
  it('fix a problem from its lightbulb, through the review', async () => {
    await editor.command('Layercake: Load Model');
    await editor.waitForStatus(/Scripted F16 · \d/);
    await editor.openFile('src/total.ts');
    // The language server has looked at the file.
    await editor.page.locator('.squiggly-error').first().waitFor({ timeout: 60_000 });
    await editor.page.keyboard.press('Control+Home');
    await editor.page.keyboard.press('ArrowDown');
    await editor.page.keyboard.press('Home');
    await editor.page.keyboard.press('Control+.');
    const fix = editor.page.locator('.action-widget .monaco-list-row', { hasText: 'Fix with Layercake' });
    await fix.waitFor();
    await editor.screenshot('actions-lightbulb');
    await fix.click();
    await editor.waitForText('const sum: number = 0;');
    expect(await editor.visibleText()).toContain('nothing yet');
    await editor.page.locator('.codelens-decoration a', { hasText: 'Accept All' }).waitFor();
    await editor.screenshot('actions-fix');
    await editor.command('Layercake: Accept All Changes');
    await editor.page.locator('.tab.active', { hasText: /^total\.ts/ }).waitFor();
    await editor.page.keyboard.press('Control+S');
    await expect.poll(() => readFile(path.join(editor.workspace, 'src/total.ts'), 'utf8')).toBe(fixed);
  });

  it('stand as lenses above a function, where they are switched on', async () => {
    await editor.openFile('src/total.ts');
    const lenses = editor.page.locator('.codelens-decoration').first();
    await lenses.getByText('Explain', { exact: true }).waitFor({ timeout: 30_000 });
    expect(await lenses.innerText()).toMatch(/Explain.*Document.*Write Tests/s);
    await editor.screenshot('actions-lenses');
  });

  it('offer a prompt of the folder, with what it says of itself', async () => {
    await editor.command('Layercake: Run Prompt');
    const row = editor.page.locator('.quick-input-list .monaco-list-row', { hasText: '/simpler' });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/changes the selected code.*Say what could be simpler/s);
    await editor.screenshot('actions-prompts');
    await editor.page.keyboard.press('Escape');
  });

  it('run a prompt below the code that it is about', async () => {
    await editor.command('Layercake: Run Prompt');
    await editor.page.locator('.quick-input-list .monaco-list-row', { hasText: '/doubts' }).click();
    const thread = editor.page.locator('.review-widget:visible');
    await thread.getByText('What is doubtful here?').waitFor();
    await thread.getByText('I have nothing to say.').waitFor();
    await editor.screenshot('actions-inline');
    await editor.command('Layercake Inline Chat: Discard');
    await thread.waitFor({ state: 'detached' });
  });

  it('run a prompt by its name in the chat', async () => {
    await editor.command('Layercake: Open Chat');
    const input = editor.chat.locator('.composer textarea');
    await input.pressSequentially('/sim');
    const offer = editor.chat.locator('.completion [role="option"]', { hasText: 'simpler' });
    await offer.waitFor();
    await editor.screenshot('actions-chat-prompt');
    await input.press('Enter');
    await editor.chat.locator('.composer .send').click();
    await editor.chat.locator('.user-text', { hasText: 'Make this simpler.' }).waitFor();
    await editor.chat.locator('.answer', { hasText: 'I have nothing to say.' }).waitFor();
  });

  it('write the commit message from what is staged, by a button of the source control view', async () => {
    await editor.command('Source Control: Focus on Changes View');
    await commitInput().waitFor();
    const button = editor.page.getByRole('button', { name: 'Write Commit Message' }).first();
    await button.waitFor();
    await button.click();
    await expect
      .poll(async () => (await commitInput().innerText()).replaceAll('\u00a0', ' '), { timeout: 30_000 })
      .toContain('What is pushed first is taken first.');
    expect(await commitInput().innerText()).not.toContain('`');
    await button.waitFor();
    await editor.screenshot('actions-commit');
  });

  it.each([
    ['Dark Modern', 'dark'],
    ['Default High Contrast', 'contrast'],
  ])('are seen in the theme %s', async (theme, name) => {
    await editor.useTheme(theme);
    await editor.page.locator(`.monaco-workbench.${name === 'dark' ? 'vs-dark' : 'hc-black'}`).waitFor();
    await editor.openFile('src/total.ts');
    await editor.page.locator('.codelens-decoration a', { hasText: 'Write Tests' }).waitFor();
    await editor.screenshot(`actions-${name}`);
  });

  it('log no error of ours on the way', () => {
    expect(editor.errors.unexpected()).toEqual([]);
  });
});
