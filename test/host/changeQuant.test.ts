import * as assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/contributions';
import { readGgufHeader } from '../../src/gguf/readHeader';
import { needUi, ui } from '../support/hostBridge';
import { activeExtension, until } from '../support/hostWorkspace';
import { writeScriptedModel } from '../support/scriptedModel';

const rowOf = (level: string) => `.quick-input-list .monaco-list-row[aria-label^="${level},"]`;
const input = '.quick-input-widget input';
const notice = '.notifications-center .notification-list-item';

/** Waits for a notification. In tests of extensions none pops up: they are in a list. */
async function noticed(text: string): Promise<void> {
  await vscode.commands.executeCommand('notifications.showList');
  await ui.wait(`${notice}:has-text("${text}")`);
}

describe('changing the quant', () => {
  let folder: string;
  before(async () => {
    await activeExtension();
    folder = await mkdtemp(path.join(tmpdir(), 'lc-quant-'));
  });
  afterEach(() => vscode.commands.executeCommand('notifications.clearAll'));
  after(() => rm(folder, { recursive: true, force: true }));

  const change = (file: string) => vscode.commands.executeCommand(commandIds.changeQuant, { path: file });

  it('lists levels with exact sizes, and makes the one that is picked beside its source', async function () {
    needUi(this);
    this.timeout(90_000);
    const source = path.join(folder, 'tiny-F16.gguf');
    await writeScriptedModel(source, { name: 'Tiny' });
    const changed = change(source);
    await ui.wait(rowOf('Q8_0'));
    await ui.screenshot('quant-pick');
    await ui.fill(input, 'Q4_0');
    await ui.wait(rowOf('Q4_0'));
    const row = (await ui.text(rowOf('Q4_0'))).replace(/\s+/g, ' ');
    await ui.click(rowOf('Q4_0'));
    await noticed('tiny-Q4_0.gguf is ready.');
    await ui.screenshot('quant-ready');
    const { fileSize, quant } = await readGgufHeader(path.join(folder, 'tiny-Q4_0.gguf'));
    assert.equal(quant, 'Q4_0');
    assert.ok(row.includes(`(${fileSize.toLocaleString('en-US')} bytes)`), row);
    assert.match(row, /all layers in RAM, .* tok\/s \(estimated\)/);
    assert.deepEqual((await readdir(folder)).sort(), ['tiny-F16.gguf', 'tiny-Q4_0.gguf']);
    await vscode.commands.executeCommand('notifications.clearAll');
    await changed;
  });

  it('leaves nothing where it is cancelled', async function () {
    needUi(this);
    this.timeout(90_000);
    const own = await mkdtemp(path.join(folder, 'cancel-'));
    const source = path.join(own, 'large-F16.gguf');
    await writeScriptedModel(source, { name: 'Large', shape: { blocks: 24, feedForward: 65_536 } });
    const changed = change(source);
    await ui.wait(rowOf('Q8_0'));
    await ui.fill(input, 'Q4_0');
    await ui.click(rowOf('Q4_0'));
    await noticed('Making large-Q4_0.gguf');
    const during = await readdir(own);
    assert.equal(during.length, 2, during.join());
    assert.ok(during.every((name) => name === 'large-F16.gguf' || name.startsWith('.quantize-')));
    await ui.screenshot('quant-progress');
    await ui.click(`${notice}:has-text("large-Q4_0") .monaco-button:has-text("Cancel")`);
    await changed;
    assert.deepEqual(await readdir(own), ['large-F16.gguf']);
  });

  it('says what is wrong with a file that is cut off', async function () {
    needUi(this);
    const source = path.join(folder, 'cut-F16.gguf');
    const { fileBytes } = await writeScriptedModel(source);
    await truncate(source, fileBytes - 1000);
    const changed = change(source);
    await noticed('The model is incomplete');
    await vscode.commands.executeCommand('notifications.clearAll');
    await changed;
  });

  it('says what llama.cpp says of a model that it cannot quantise', async function () {
    needUi(this);
    const source = path.join(folder, 'keyless-F16.gguf');
    await writeScriptedModel(source, { architecture: 'deepseek2' });
    const changed = change(source);
    await noticed('llama.cpp cannot quantise this model: key not found');
    await until(
      'the list to close',
      async () => (await ui.count('.quick-input-list .monaco-list-row')) === 0,
    );
    await vscode.commands.executeCommand('notifications.clearAll');
    await changed;
  });
});
