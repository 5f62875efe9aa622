import * as assert from 'node:assert/strict';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { GhostProvider } from '../../src/completion/ghostProvider';
import type { AskedCaret } from '../../src/completion/ghostTexts';
import { OpenFiles } from '../../src/completion/openFiles';
import { commandIds } from '../../src/contributions';
import { silentLogger } from '../../src/log';
import { activeExtension, closeAllEditors, openFile, until, workspaceFolder } from '../support/hostWorkspace';
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

  it('comes in a text without a file', async () => {
    const content = 'function add(first, second) {\n  \n}\n';
    const document = await vscode.workspace.openTextDocument({ content, language: 'javascript' });
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(1, 2, 1, 2);
    const text = await take(editor, 'editor.action.inlineSuggest.commit');
    assert.equal(text, `function add(first, second) {\n  ${block}\n}\n`);
  });

  it('is switched by a command', async () => {
    await vscode.commands.executeCommand(commandIds.toggleGhostText);
    assert.equal(settings().get('completion.enabled'), false);
    await vscode.commands.executeCommand(commandIds.toggleGhostText);
    assert.equal(settings().get('completion.enabled'), true);
  });
});

describe('what ghost text may read', () => {
  afterEach(closeAllEditors);

  it('is neither secrets, nor keys, nor what git ignores', async () => {
    const linked = path.join(workspaceFolder().fsPath, 'linked.ts');
    const files = new OpenFiles({
      ignores: ({ path: name }) => Promise.resolve(name.endsWith('ignored.ts')),
    });
    try {
      await openFile('.env', 'TOKEN=1\n');
      if (process.platform !== 'win32') {
        await symlink(path.join(workspaceFolder().fsPath, '.env'), linked);
        await vscode.window.showTextDocument(vscode.Uri.file(linked), { preview: false });
      }
      await openFile('ignored.ts', 'const a = 1;\n');
      await openFile('key.ts', `-----BEGIN PRIVATE KEY-----\nabc\n`);
      await openFile('beside.ts', 'const a = 1;\r\nconst b = 2;\r\n');
      const { document } = await openFile('own.ts', 'const a = 1;\n');
      const beside = await files.beside(document.uri.toString());
      // The editor knows for some time what other suites had open.
      const written = ['.env', 'linked.ts', 'ignored.ts', 'key.ts', 'beside.ts', 'own.ts'];
      const ours = beside.filter(({ path: name }) => written.includes(name));
      assert.deepEqual(
        ours.map(({ path: name, text }) => [name, text]),
        [['beside.ts', 'const a = 1;\nconst b = 2;\n']],
      );
    } finally {
      await rm(linked, { force: true });
      files.dispose();
    }
  });

  it('is no file of secrets, though a person works in it', async () => {
    const asked: AskedCaret[] = [];
    const provider = providerOver(asked);
    const { document } = await openFile('.env', 'TOKEN=\n');
    assert.deepEqual(await provide(provider, document, new vscode.Position(0, 6)), []);
    assert.deepEqual(asked, []);
  });

  it('is what the list of words would put there, where one is picked', async () => {
    const asked: AskedCaret[] = [];
    const provider = providerOver(asked);
    const { document } = await openFile('picked.ts', 'console.lo\n');
    const range = new vscode.Range(0, 8, 0, 10);
    const [item] = await provide(provider, document, range.end, { range, text: 'log' });
    assert.equal(asked[0]?.before, 'console.log');
    assert.equal(asked[0].after, '\n');
    assert.equal(item?.insertText, 'log(1);');
    assert.deepEqual(item.range, range);
  });
});

/** A provider whose every suggestion is "(1);". */
function providerOver(asked: AskedCaret[]): GhostProvider {
  const suggest = (caret: AskedCaret) => {
    asked.push(caret);
    return Promise.resolve('(1);');
  };
  return new GhostProvider({ suggest }, silentLogger);
}

async function provide(
  provider: GhostProvider,
  document: vscode.TextDocument,
  position: vscode.Position,
  selectedCompletionInfo?: vscode.SelectedCompletionInfo,
): Promise<vscode.InlineCompletionItem[]> {
  const triggerKind = vscode.InlineCompletionTriggerKind.Automatic;
  const { token } = new vscode.CancellationTokenSource();
  const context = { triggerKind, selectedCompletionInfo };
  return await provider.provideInlineCompletionItems(document, position, context, token);
}
