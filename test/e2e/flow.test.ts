import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { profileFiles } from '../../scripts/vscodeServer.mjs';
import { addFunction, defaultAnswer, editAnswer } from '../support/defaultScripts';
import type { EditorPage } from '../support/editorPage';
import { engineOf } from '../support/editorProcesses';
import { countTo, openScriptedEditor } from '../support/scriptedEditor';

/** The whole way of a person: load, ask, read, apply, command, settings. Each step builds on the one before. */
const before = `export function add(a: number, b: number): number {
  return 0;
}
`;

let editor: EditorPage;
beforeAll(async () => {
  const opened = await openScriptedEditor({
    scripts: [
      { text: defaultAnswer },
      { lastWords: ['count'], text: countTo(1900) },
      // What the editor commands ask ends so.
      { lastWords: ['text.'], text: editAnswer },
    ],
    contextSize: 8192,
    files: { 'src/add.ts': before },
  });
  ({ editor } = opened);
  return opened.close;
});
afterEach(({ task }) => editor.screenshotIfFailed(task));

/** Text of an answer, once it has ended. */
async function wholeText(answer: Locator): Promise<string> {
  await answer.locator('.stats').waitFor();
  return answer.innerText();
}

/** The contrast (WCAG 2) of a page's text and the editor's background behind it, 1 … 21. Runs in the page. */
const textContrast = `(() => {
  const luminance = (color) => {
    const [red, green, blue] = color.match(/[\\d.]+/g).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = 'var(--vscode-editor-background)';
  const lights = [probe, document.body].map((element) => luminance(getComputedStyle(element).color));
  probe.remove();
  return (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
})()`;

describe('a person with the packaged extension and a scripted model', () => {
  it('loads the model, and reads in the status bar that it is there', async () => {
    await editor.waitForStatus('scripted');
    await editor.command('Layercake: Load Model');
    await editor.waitForStatus(/Scripted F16 · \d.*(RAM|of)/);
    await editor.screenshot('1-loaded');
  });

  it('asks in the chat and gets the answer, its code and its figures', async () => {
    await editor.command('Layercake: Open Chat');
    const answer = await editor.ask('Write an add(a, b) function in TypeScript.');
    const text = await wholeText(answer);
    expect(text).toContain(defaultAnswer.split('\n')[0]);
    expect(text).toMatch(/\d+ tokens.*tok\/s.*first after/s);
    const code = answer.locator('.code');
    expect(await code.locator('pre').innerText()).toBe(addFunction);
    expect(await code.locator('pre [class*="hljs"], pre span').count()).toBeGreaterThan(3);
    await editor.screenshot('2-answer');
  });

  it('stops a long answer, and keeps what came', async () => {
    const answer = await editor.ask('Please count');
    // Numbers on the screen before the end of the answer: it streams.
    await answer.getByText(/Counting slowly: 1, 2, 3/).waitFor();
    await editor.chat.locator('.composer').getByText('Stop', { exact: true }).click();
    await answer.getByText('Stopped. What came is kept.').waitFor();
    await editor.screenshot('3-stopped');
    const text = await answer.innerText();
    expect(text).toContain('Counting slowly: 1, 2, 3,');
    expect(text).not.toContain('done.');
  });

  it('outlives a killed engine: the answer so far stays, the cause is named, the next prompt works', async () => {
    const answer = await editor.ask('Please count');
    await answer.getByText(/Counting slowly: 1, 2, 3/).waitFor();
    process.kill(engineOf(editor.profile), 'SIGKILL');
    await answer.locator('.failure').waitFor();
    const text = await answer.innerText();
    expect(text).toContain('Counting slowly: 1, 2, 3,');
    expect(text).toContain('SIGKILL');
    await editor.screenshot('3-killed');
    const next = await editor.ask('Write an add(a, b) function in TypeScript.');
    expect(await wholeText(next)).toContain(defaultAnswer.split('\n')[0]);
  });

  it('applies the code block through the review, and only what is accepted changes the file', async () => {
    await editor.openFile('src/add.ts');
    await editor.chat.locator('.answer .code').first().getByText('Apply', { exact: true }).click();
    await editor.waitForText('return a + b;');
    expect(await editor.visibleText()).toContain('return 0;');
    await editor.screenshot('4-review');
    expect(await readFile(path.join(editor.workspace, 'src/add.ts'), 'utf8')).toBe(before);
    await editor.page.locator('.codelens-decoration a', { hasText: 'Accept All' }).click();
    await editor.page.locator('.tab.active', { hasText: /^add\.ts/ }).waitFor();
    await editor.page.keyboard.press('Control+S');
    await expect
      .poll(() => readFile(path.join(editor.workspace, 'src/add.ts'), 'utf8'))
      .toBe(before.replace('return 0;', 'return a + b;'));
  });

  it('runs an editor command from the palette: the answer ends in a review', async () => {
    await editor.openFile('src/add.ts');
    await editor.page.keyboard.press('Control+A');
    await editor.command('Layercake: Document');
    await editor.waitForText('/** Sum of both arguments. */');
    expect(await wholeText(editor.chat.locator('.answer').last())).toContain(editAnswer.split('\n')[1]);
    await editor.screenshot('5-document');
    await editor.command('Layercake: Reject All Changes');
    await expect.poll(() => editor.visibleText()).not.toContain('Sum of both arguments');
  });

  it('has the machine and the model examined by Doctor', async () => {
    await editor.command('Layercake: Doctor');
    const page = editor.panel;
    await page.getByText('Run again').waitFor();
    const writing = page.locator('tr', { hasText: 'Writing' });
    expect(await writing.innerText()).toMatch(/Writing\s+[\d.,]+ tok\/s.*measured/s);
    await editor.screenshot('5-doctor');
    await editor.command('View: Close Editor');
    await page.getByText('Run again').waitFor({ state: 'detached' });
  });

  it('changes the layers on the settings page, which writes settings.json and loads again', async () => {
    await editor.command('Layercake: Open Settings');
    const page = editor.panel;
    await page.getByText('Nothing is unsaved.').waitFor();
    // What was asked before has been measured.
    await page.getByText('measured last time').waitFor();
    // What llama.cpp would make of the file comes once it has said so.
    const levels = page.locator('.quants');
    await levels.getByRole('rowheader', { name: 'Not on this machine' }).waitFor();
    expect(await levels.locator('tr', { hasText: 'Q4_K_M' }).locator('input').count()).toBe(0);
    expect(await levels.locator('tr', { hasText: 'F16' }).locator('input').count()).toBe(1);
    expect(await levels.locator('.recommendation').innerText()).toBe(
      'IQ4_XS is the quickest level that loses little by published figures. It is not on this machine; of the levels that are, F16 suits best.',
    );
    const layers = page.locator('#gpuLayers');
    expect(await layers.getAttribute('max')).toBe('3');
    await layers.fill('1');
    await page.getByText('1 change not applied: GPU layers.').waitFor();
    await editor.screenshot('6-settings');
    await page.locator('#apply').click();
    await page.getByText('The model is loaded with these settings.').waitFor({ state: 'attached' });
    await page.getByText('Nothing is unsaved.').waitFor();
    // A layer on a GPU that is not there is planned for the RAM.
    await page.getByText('Fits.').waitFor();
    await page.getByText('All 3 layers in RAM.').first().waitFor();
    const settings = await readFile(profileFiles(editor.profile).machineSettings, 'utf8');
    expect(JSON.parse(settings)).toMatchObject({ 'layercake.load.gpuLayers': 1 });
    await editor.waitForStatus(/Scripted F16 · \d.*(RAM|of)/);
    await editor.screenshot('7-applied');
  });

  it('has the machine measured, and reads what was measured', async () => {
    await editor.command('Layercake: Measure This Machine');
    const told = editor.page.locator('.notifications-toasts', { hasText: 'Measured in' });
    await told.waitFor({ timeout: 60_000 });
    expect(await told.innerText()).toMatch(
      /Measured in [\d.]+ s: RAM read at [\d.]+ GB\/s.* billion multiply-adds a second on the CPU/,
    );
    expect(await told.innerText()).toContain('The model was unloaded for it.');
    await editor.screenshot('8-measured');
    await told.getByText('Load Model', { exact: true }).click();
    await editor.waitForStatus(/Scripted F16 · \d.*(RAM|of)/);
  });

  it.each([
    ['Dark Modern', 'vscode-dark'],
    ['Light Modern', 'vscode-light'],
    ['Default High Contrast', 'vscode-high-contrast'],
  ])('reads well in the theme %s', async (theme, className) => {
    await editor.useTheme(theme);
    for (const frame of [editor.chat, editor.panel]) {
      const body = frame.locator(`body.${className}`);
      await body.waitFor();
      // WCAG 2, level AA, for text of this size.
      expect(await body.evaluate(textContrast)).toBeGreaterThanOrEqual(4.5);
    }
    await editor.screenshot(`8-${className}`);
  });

  it('sees no error of ours on the way', () => {
    expect(editor.errors.unexpected()).toEqual([]);
  });
});
