import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defaultAnswer } from '../support/defaultScripts';
import type { EditorPage } from '../support/editorPage';
import { countTo, openScriptedEditor } from '../support/scriptedEditor';

const before = `/** Adds two numbers. */
export function add(a: number, b: number): number {
  return 0;
}

export function twice(value: number): number {
  return add(value, value);
}
`;
const sum = `\`\`\`typescript
/** Adds two numbers. */
export function add(a: number, b: number): number {
  return a + b;
}
\`\`\``;
const rounded = `\`\`\`typescript
/** Adds two numbers. */
export function add(a: number, b: number): number {
  const total = a + b;
  return Math.round(total);
}
\`\`\``;
const file = 'src/add.ts';

let editor: EditorPage;
beforeAll(async () => {
  const opened = await openScriptedEditor({
    scripts: [
      { text: defaultAnswer },
      { lastWords: ['sum'], text: sum },
      { lastWords: ['rounded'], text: rounded },
      { lastWords: ['count'], text: countTo(1200) },
    ],
    contextSize: 8192,
    files: { [file]: before },
  });
  ({ editor } = opened);
  return opened.close;
});
afterEach(({ task }) => editor.screenshotIfFailed(task));

const thread = () => editor.page.locator('.review-widget:visible');
const label = () => thread().locator('.review-title .filename');
const input = () => thread().locator('.comment-form-container .monaco-editor.focused');
const answers = () => thread().locator('.review-comment', { hasText: 'Layercake' });
const onDisk = () => readFile(path.join(editor.workspace, file), 'utf8');

/** Of the code in answers with what is behind it, as WCAG counts it. */
async function leastContrast(): Promise<number> {
  const pairs = await answers()
    .locator('[class*="mtk"]')
    .evaluateAll((tokens) =>
      tokens.map((token) => {
        const backgroundOf = (element: Element) => getComputedStyle(element).backgroundColor;
        let behind = token;
        while (behind.parentElement !== null && backgroundOf(behind) === 'rgba(0, 0, 0, 0)') {
          behind = behind.parentElement;
        }
        return [getComputedStyle(token).color, backgroundOf(behind)];
      }),
    );
  const luminance = (color = '') => {
    const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  return Math.min(
    ...pairs.map(([color, background]) => {
      const [low = 0, high = 0] = [luminance(color), luminance(background)].sort((a, b) => a - b);
      return (high + 0.05) / (low + 0.05);
    }),
  );
}

/** Presses the key of inline chat, and waits until what is typed goes into its input. */
async function open(): Promise<void> {
  await editor.page.keyboard.press('Control+K');
  await editor.page.keyboard.press('Control+Y');
  await input().waitFor();
}

async function send(text: string): Promise<void> {
  await editor.page.keyboard.type(text);
  await editor.page.keyboard.press('Control+Enter');
}

describe('a person who asks in the editor', () => {
  it('opens a thread below the function by its key, and reads what asking will cost', async () => {
    await editor.command('Layercake: Load Model');
    await editor.waitForStatus(/Scripted F16 · \d.*(RAM|of)/);
    await editor.openFile(file);
    await open();
    await label()
      .filter({ hasText: /add\.ts:1–4 · about \d+ tokens to read/ })
      .waitFor();
    await editor.page.keyboard.type('return the sum');
    await editor.screenshot('inline-1-typed');
    expect(await editor.visibleText()).not.toContain('the sum');
  });

  it('sends, sees the answer, follows up without a click, and the file stays as it is', async () => {
    await editor.page.keyboard.press('Control+Enter');
    await answers().getByText('return a + b;').waitFor();
    await label()
      .filter({ hasText: /tokens read( anew)?, \d+ written/ })
      .waitFor();
    await input().waitFor();
    await send('and now rounded');
    await answers().nth(1).getByText('Math.round(total)').waitFor();
    await label()
      .filter({ hasText: /tokens read( anew)?, \d+ written/ })
      .waitFor();
    await editor.screenshot('inline-2-answers');
    expect(await onDisk()).toBe(before);
  });

  it('shows the diff in a review, and leads back by the key', async () => {
    await thread().getByText('Show Diff', { exact: true }).click();
    await editor.waitForText('return Math.round(total);');
    await editor.screenshot('inline-3-diff');
    await editor.command('Layercake: Reject All Changes');
    await editor.page.locator('.tab.active', { hasText: /^add\.ts/ }).waitFor();
    await open();
    expect(await onDisk()).toBe(before);
  });

  it('goes back to the code by Escape, and into the thread again by the key', async () => {
    await editor.page.keyboard.press('Escape');
    await thread().waitFor({ state: 'hidden' });
    await editor.page.locator('.editor-instance .monaco-editor.focused').first().waitFor();
    await open();
    await answers().nth(1).getByText('Math.round(total)').waitFor();
  });

  it('accepts by a key: the change is in the file, one undo away, and the thread is gone', async () => {
    await editor.page.keyboard.press('Control+Enter');
    await editor.waitForText('return Math.round(total);');
    await thread().waitFor({ state: 'detached' });
    await editor.page.keyboard.press('Control+S');
    const accepted = before.replace('  return 0;', '  const total = a + b;\n  return Math.round(total);');
    await expect.poll(onDisk).toBe(accepted);
    await editor.page.keyboard.press('Control+Z');
    await editor.page.keyboard.press('Control+S');
    await expect.poll(onDisk).toBe(before);
  });

  it('stops an answer, and keeps what came', async () => {
    await editor.openFile(file);
    await open();
    await send('Please count');
    await answers()
      .getByText(/Counting slowly: 1, 2, 3/)
      .waitFor();
    await thread().getByLabel('Stop the Answer').click();
    await label().filter({ hasText: 'Stopped' }).waitFor();
    expect(await answers().last().innerText()).not.toContain('done.');
    expect(await thread().getByText('Accept', { exact: true }).count()).toBe(0);
  });

  it('names a file as it types, and reads what that costs before it is sent', async () => {
    await open();
    const alone = await label().innerText();
    await editor.page.keyboard.type('As in @file:fib');
    const offer = editor.page.locator('.suggest-widget .monaco-list-row', { hasText: 'fibonacci.ts' });
    await offer.first().waitFor();
    await editor.screenshot('inline-4-completion');
    await editor.page.keyboard.press('Enter');
    await editor.page.keyboard.type('and now the sum');
    await label()
      .filter({ hasText: /about \d{3} tokens to read, about [\d.]+ s/ })
      .waitFor();
    await expect.poll(() => label().innerText()).not.toBe(alone);
    await editor.screenshot('inline-5-cost');
    await editor.page.keyboard.press('Control+Enter');
    await answers().nth(1).getByText('return a + b;').waitFor();
  });

  it('goes on in the chat', async () => {
    await thread().getByLabel('Open in Chat').click();
    await editor.chat.locator('.answer').nth(1).getByText('return a + b;').waitFor();
    await thread().waitFor({ state: 'detached' });
    await editor.screenshot('inline-6-chat');
    expect(await onDisk()).toBe(before);
  });

  it("discards a thread from the lightbulb's entry", async () => {
    await editor.openFile(file);
    await editor.page.keyboard.press('Control+A');
    const entry = editor.page.locator('.action-widget .monaco-list-row', { hasText: 'Ask Layercake' });
    // A list that opens while something else takes the focus closes at once.
    await expect
      .poll(async () => {
        if (!(await entry.isVisible())) await editor.page.keyboard.press('Control+.');
        return entry.isVisible();
      })
      .toBe(true);
    await editor.screenshot('inline-7-lightbulb');
    await entry.click();
    await input().waitFor();
    await send('return the sum');
    await answers().getByText('return a + b;').waitFor();
    await thread().getByText('Accept', { exact: true }).waitFor();
    await editor.page.keyboard.press('Control+Backspace');
    await thread().waitFor({ state: 'detached' });
    expect(await onDisk()).toBe(before);
  });

  it('reads well in every kind of theme', async () => {
    await editor.openFile(file);
    await open();
    await send('return the sum');
    await answers().getByText('return a + b;').waitFor();
    await thread().getByText('Accept', { exact: true }).waitFor();
    await editor.page.keyboard.type('and also @file:src/fibonacci.ts ');
    for (const [theme, className] of [
      ['Dark Modern', 'vs-dark'],
      ['Default High Contrast', 'hc-black'],
      ['Light Modern', 'vs'],
    ] as const) {
      await editor.useTheme(theme);
      await editor.page.locator(`.monaco-workbench.${className}`).waitFor();
      await expect.poll(leastContrast, { message: theme }).toBeGreaterThan(3);
      await editor.screenshot(`inline-8-${className}`);
    }
  });

  it('sees no error of ours on the way', () => {
    expect(editor.errors.unexpected()).toEqual([]);
  });
});
