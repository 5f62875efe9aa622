import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EditorPage } from '../support/editorPage';
import { engineOf, extensionHosts } from '../support/editorProcesses';
import { countTo, openScriptedEditor } from '../support/scriptedEditor';

/** Two windows of one person, each with an extension host of its own. Each step builds on the one before. */
const count = countTo(700);

let first: EditorPage;
let second: EditorPage;
let firstHost: number;
let engine: number;

beforeAll(async () => {
  const opened = await openScriptedEditor({
    scripts: [{ text: 'Hello.' }, { lastWords: ['count'], text: count }],
    contextSize: 4096,
  });
  first = opened.editor;
  return opened.close;
});
afterEach(async ({ task }) => {
  await first.screenshotIfFailed(task);
});

describe('two windows', () => {
  it('share a model: the second one shows it without being asked', async () => {
    await first.waitForStatus('scripted');
    await first.command('Layercake: Load Model');
    await first.waitForStatus(/Scripted F16 · \d/);
    const [host, ...others] = extensionHosts(first.profile);
    if (host === undefined || others.length > 0) throw new Error('Not one extension host');
    firstHost = host;
    engine = engineOf(first.profile);
    second = await first.openWindow();
    await second.waitForStatus(/Scripted F16 · \d/);
    expect(extensionHosts(first.profile)).toHaveLength(2);
    expect(engineOf(first.profile)).toBe(engine);
    await second.screenshot('9-second-window');
  });

  it('one killed in mid-answer, leave the other’s answer whole', async () => {
    await second.command('Layercake: Open Chat');
    await first.command('Layercake: Open Chat');
    const lost = await first.ask('Please count');
    await lost.getByText(/Counting slowly: 1, 2, 3/).waitFor();
    const kept = await second.ask('Please count');
    // Its figures come with its end.
    expect(await lost.locator('.stats').count()).toBe(0);
    process.kill(firstHost, 'SIGKILL');
    await kept.locator('.stats').waitFor({ timeout: 90_000 });
    expect(await kept.innerText()).toContain(count);
    expect(engineOf(first.profile)).toBe(engine);
    await second.screenshot('9-other-window-killed');
  });

  it('see no error of ours in the window that lives', () => {
    expect(second.errors.unexpected()).toEqual([]);
  });
});
