import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EditorPage } from '../support/editorPage';
import { engineOutput } from '../support/editorProcesses';
import { countTo, openScriptedEditor } from '../support/scriptedEditor';

const body = 'const sum = first + second;\n  return sum;';
const total = 'export function total(first: number, second: number): number {\n\n}\n';
/** The token before the last of what is after the caret selects the long answer. */
const slow = 'export function count(): string {\n\n}\n// slowly\n';

let editor: EditorPage;
beforeAll(async () => {
  const opened = await openScriptedEditor({
    fim: true,
    scripts: [{ text: body }, { lastWords: ['slowly'], text: countTo(900) }],
    contextSize: 4096,
    files: { 'src/total.ts': total, 'src/slow.ts': slow },
    settings: {
      'layercake.completion.maxTokens': 2048,
      // However loaded the machine is.
      'layercake.completion.longestWait': 60,
      // A list of words would be in the picture, and in the way.
      'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
      'editor.suggestOnTriggerCharacters': false,
      'editor.parameterHints.enabled': false,
    },
  });
  ({ editor } = opened);
  return opened.close;
});
afterEach(({ task }) => editor.screenshotIfFailed(task));

/** What the engine said of each ghost text that it was asked for. */
function engineReports(): string[] {
  return engineOutput(editor.profile).filter((line) => line.includes('ghost: prompt'));
}

/** Text of what is suggested, with plain spaces, the first line last; '' where nothing is. */
async function suggested(): Promise<string> {
  const parts = await editor.page.locator('.ghost-text-decoration, .ghost-text').allTextContents();
  return parts.join('').replaceAll('\u00a0', ' ');
}

/** Opens a file and types on its second line. */
async function typeInBody(name: string, text: string): Promise<void> {
  await editor.openFile(name);
  await editor.page.keyboard.press('Control+Home');
  await editor.page.keyboard.press('ArrowDown');
  await editor.page.keyboard.type(text);
}

describe('ghost text in the real editor', () => {
  it('is shown while a person types', async () => {
    await editor.command('Layercake: Load Model');
    await editor.waitForStatus(/Scripted F16 · \d/);
    await typeInBody('src/total.ts', '  ');
    await expect.poll(suggested, { timeout: 20_000 }).toContain('const sum = first + second;');
    expect(await suggested()).toContain('return sum;');
    await editor.screenshot('ghost');
  });

  it('goes on with what is typed of it, and the engine is not asked again', async () => {
    const before = engineReports();
    expect(before.length).toBeGreaterThan(0);
    for (const letter of 'const sum') {
      await editor.page.keyboard.type(letter);
      await expect.poll(suggested).not.toBe('');
    }
    await expect.poll(suggested).toContain(' = first + second;');
    expect(engineReports()).toEqual(before);
  });

  it('is taken over word by word, then as a whole', async () => {
    const before = engineReports();
    await editor.page.keyboard.press('Control+ArrowRight');
    await editor.page.keyboard.press('Control+ArrowRight');
    await editor.waitForText('  const sum =');
    await expect.poll(suggested).toContain('first + second;');
    await editor.screenshot('ghost-part');
    await editor.page.keyboard.press('Tab');
    await editor.waitForText('  return sum;');
    await editor.page.keyboard.press('Control+S');
    await expect
      .poll(() => readFile(path.join(editor.workspace, 'src/total.ts'), 'utf8'))
      .toBe(total.replace('\n\n', `\n  ${body}\n`));
    expect(engineReports().slice(0, before.length)).toEqual(before);
  });

  it('is given up as soon as typing goes on', async () => {
    await typeInBody('src/slow.ts', '  ');
    // Each letter comes while the engine may be at work on the one before: some time it is.
    const isAborted = async () => {
      await editor.page.keyboard.type('c');
      return engineReports().some((line) => line.endsWith('cancelled'));
    };
    await expect.poll(isAborted, { timeout: 30_000, interval: 400 }).toBe(true);
  });

  it('can be read in a dark theme, a light one and high contrast', async () => {
    await typeInBody('src/total.ts', '');
    await editor.page.keyboard.press('Control+A');
    await editor.page.keyboard.press('Delete');
    await editor.page.keyboard.type('function again(first, second) {');
    await editor.page.keyboard.press('Enter');
    const themes = {
      'Default Dark Modern': 'vs-dark',
      'Default Light Modern': 'vs',
      'Default High Contrast': 'hc-black',
    };
    for (const [theme, name] of Object.entries(themes)) {
      await editor.useTheme(theme);
      await editor.page.locator(`.monaco-workbench.${name}`).waitFor();
      await expect.poll(suggested, { timeout: 20_000 }).toContain('const sum');
      await editor.screenshot(`ghost-${name}`);
    }
  });

  it('is switched in the menu of the status bar', async () => {
    const row = (text: string) =>
      editor.page.locator('.quick-input-list .monaco-list-row', { hasText: text });
    await editor.statusBar.click();
    await row('Turn ghost text off').waitFor();
    await editor.screenshot('ghost-menu');
    await row('Turn ghost text off').click();
    await editor.page.locator('.statusbar', { hasText: 'Ghost text is off.' }).waitFor();
    await editor.statusBar.click();
    await row('Turn ghost text on').waitFor();
    await editor.page.keyboard.press('Escape');
  });
});
