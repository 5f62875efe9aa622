import * as assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/contributions';
import { activeExtension, closeAllEditors, openFile, until } from '../support/hostWorkspace';
import { writeScriptedModel } from '../support/scriptedModel';

const block = 'const total = first + second;\n  return total;';

/** Ghost text by the editor's own commands, of a real engine with a scripted model. */
describe('ghost text', () => {
  let folder: string;
  const settings = () => vscode.workspace.getConfiguration('layercake');

  before(async function () {
    this.timeout(60_000);
    await activeExtension();
    folder = await mkdtemp(path.join(tmpdir(), 'lc-ghost-'));
    const model = path.join(folder, 'fim.gguf');
    await writeScriptedModel(model, { fim: true, name: 'Fills in', scripts: [{ text: block }] });
    await settings().update('model.path', model, vscode.ConfigurationTarget.Global);
    await settings().update('load.contextSize', 2048, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand(commandIds.loadModel);
  });

  after(async () => {
    await vscode.commands.executeCommand(commandIds.unloadModel);
    for (const key of ['model.path', 'load.contextSize', 'completion.enabled']) {
      await settings().update(key, undefined, vscode.ConfigurationTarget.Global);
    }
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(closeAllEditors);

  /** Shows a text with the caret at "|". */
  async function open(name: string, text: string): Promise<vscode.TextEditor> {
    const editor = await openFile(name, text.replace('|', ''));
    const caret = editor.document.positionAt(text.indexOf('|'));
    editor.selection = new vscode.Selection(caret, caret);
    return editor;
  }

  /** Asks for a suggestion and takes as much of it as the command does, until the text is another one. */
  async function take(editor: vscode.TextEditor, command: string): Promise<string> {
    const before = editor.document.getText();
    await vscode.commands.executeCommand(commandIds.triggerGhostText);
    await until('a text that was taken over', async () => {
      await vscode.commands.executeCommand(command);
      return editor.document.getText() !== before;
    });
    return editor.document.getText();
  }

  it('fills a body, and closes nothing a second time', async () => {
    const editor = await open('add.ts', 'function add(first, second) {\n  |\n}\n');
    const text = await take(editor, 'editor.action.inlineSuggest.commit');
    assert.equal(text, `function add(first, second) {\n  ${block}\n}\n`);
  });

  it('keeps the line ends of the file', async () => {
    const editor = await open('crlf.ts', 'function add(first, second) {\r\n  |\r\n}\r\n');
    const text = await take(editor, 'editor.action.inlineSuggest.commit');
    assert.equal(text, `function add(first, second) {\r\n  ${block.replace('\n', '\r\n')}\r\n}\r\n`);
  });

  it('is taken over word by word', async () => {
    const editor = await open('words.ts', 'function add(first, second) {\n  |\n}\n');
    for (const line of ['  const', '  const ', '  const total']) {
      await take(editor, 'editor.action.inlineSuggest.acceptNextWord');
      assert.equal(editor.document.lineAt(1).text, line);
    }
  });

  it('is one line where the line goes on', async () => {
    const editor = await open('line.ts', 'let a;\n|\nlet b;\n');
    const text = await take(editor, 'editor.action.inlineSuggest.commit');
    assert.equal(text, 'let a;\nconst total = first + second;\nlet b;\n');
  });

  it('is switched by a command', async () => {
    await vscode.commands.executeCommand(commandIds.toggleGhostText);
    assert.equal(settings().get('completion.enabled'), false);
    await vscode.commands.executeCommand(commandIds.toggleGhostText);
    assert.equal(settings().get('completion.enabled'), true);
  });
});
