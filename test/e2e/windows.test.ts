import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EditorPage } from '../support/editorPage';
import { engineOf, extensionHosts } from '../support/editorProcesses';
import { writeScriptedModel } from '../support/scriptedModel';

/** Two windows of one person, each with an extension host of its own. Each step builds on the one before. */
const last = 700;
const numbers = Array.from({ length: last }, (_, index) => `${index + 1},`).join(' ');
const count = `Counting slowly: ${numbers} done.`;

let first: EditorPage;
let second: EditorPage;
let firstHost: number;
let engine: number;

beforeAll(async () => {
  const models = await mkdtemp(path.join(tmpdir(), 'lc-models-'));
  const model = path.join(models, 'scripted.gguf');
  await writeScriptedModel(model, {
    name: 'Scripted',
    shape: { blocks: 2, feedForward: 16_384 },
    scripts: [{ text: 'Hello.' }, { lastWords: ['count'], text: count }],
  });
  first = await EditorPage.open({
    settings: {
      'layercake.model.path': model,
      'layercake.load.contextSize': 4096,
      'layercake.load.threads': 1,
    },
  });
  return async () => {
    await first.close();
    await rm(models, { recursive: true, force: true });
  };
});
afterEach(async ({ task }) => {
  await first.screenshotIfFailed(task);
});

/** Sends a message and yields its answer's element, which may still be growing. */
async function ask(window: EditorPage, text: string): Promise<Locator> {
  const answers = window.chat.locator('.answer');
  const next = answers.nth(await answers.count());
  await window.chat.locator('.composer textarea').fill(text);
  await window.chat.locator('.composer .send').click();
  await next.waitFor();
  return next;
}

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
    const lost = await ask(first, 'Please count');
    await lost.getByText(/Counting slowly: 1, 2, 3/).waitFor();
    const kept = await ask(second, 'Please count');
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
