import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds, reviewScheme } from '../../src/contributions';
import type { OpenReview } from '../../src/edit/reviewRequest';
import { needUi, ui } from '../support/hostBridge';
import { activeExtension, closeAllEditors, openFile, until, workspaceFolder } from '../support/hostWorkspace';

const original = 'import a\n\nfunction one() {\n  return 1;\n}\n\nfunction two() {\n  return 2;\n}\n';
const proposed =
  'import a\nimport b\n\nfunction one() {\n  return 10;\n}\n\nfunction two() {\n  return 20;\n}\n';
const title = 'Fix';

let openReview: OpenReview;

/** Opens a file and a review of it, and waits until the review shows. */
async function review(name: string, text = original, change = proposed) {
  const file = await openFile(name, text);
  await openReview({ uri: file.document.uri, original: text, proposed: change, title });
  return { file: file.document, editor: await shownReview() };
}

function shownReview(): Promise<vscode.TextEditor> {
  return until('the review', () => {
    const editor = vscode.window.activeTextEditor;
    return editor?.document.uri.scheme === reviewScheme && editor;
  });
}

async function lenses(document: vscode.TextDocument, label: string): Promise<vscode.CodeLens[]> {
  const all = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    'vscode.executeCodeLensProvider',
    document.uri,
    100,
  );
  return all.filter((lens) => lens.command?.title.includes(label));
}

async function press(lens: vscode.CodeLens | undefined): Promise<void> {
  assert.ok(lens?.command, 'The lens is missing.');
  await vscode.commands.executeCommand(lens.command.command, ...(lens.command.arguments as unknown[]));
}

const onDisk = async (uri: vscode.Uri) => new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
const activeFile = () =>
  until('the file', () => vscode.window.activeTextEditor?.document.uri.scheme !== reviewScheme);

describe('review of changes', () => {
  before(async () => {
    ({ openReview } = (await activeExtension()).exports as { openReview: OpenReview });
  });
  afterEach(closeAllEditors);

  it('shows removed and added lines in the column and the language of the file, which stays untouched', async () => {
    const { file, editor } = await review('shows.ts');
    assert.equal(editor.viewColumn, vscode.ViewColumn.One);
    assert.equal(editor.document.languageId, 'typescript');
    assert.match(editor.document.getText(), / {2}return 1;\n {2}return 10;\n/);
    assert.equal(editor.selection.active.line, 1);
    assert.equal(file.getText(), original);
    assert.equal(file.isDirty, false);
  });

  it('has lenses above each hunk and above all', async () => {
    const { editor } = await review('lenses.ts');
    const lines = async (label: string) =>
      (await lenses(editor.document, label)).map(({ range }) => range.start.line);
    assert.deepEqual(await lines('Fix: 3 changes left'), [0]);
    assert.deepEqual(await lines('Accept All'), [0]);
    assert.deepEqual((await lines('Accept')).slice(1), [1, 4, 9]);
    assert.deepEqual((await lines('Reject')).slice(1), [1, 4, 9]);
  });

  it('cannot be typed into', async () => {
    const { editor } = await review('readonly.ts');
    const before = editor.document.getText();
    await vscode.commands.executeCommand('type', { text: 'x' });
    assert.equal(editor.document.getText(), before);
  });

  it('accepts one hunk by its lens: one edit of the file, unsaved', async () => {
    const { file, editor } = await review('accept.ts');
    await press((await lenses(editor.document, 'Accept'))[2]);
    assert.equal(file.getText(), original.replace('return 1;', 'return 10;'));
    assert.equal(file.isDirty, true);
    assert.equal(await onDisk(file.uri), original);
    await until('the review to follow', () => !editor.document.getText().includes('return 1;'));
    assert.equal((await lenses(editor.document, '2 changes left')).length, 1);
    // The cursor goes on to the next one.
    assert.equal(editor.selection.active.line, 8);
  });

  it('rejects one hunk: the file stays, the hunk goes', async () => {
    const { file, editor } = await review('reject.ts');
    await vscode.commands.executeCommand(commandIds.rejectHunk);
    await until('the review to follow', () => !editor.document.getText().includes('import b'));
    assert.equal(file.getText(), original);
    assert.equal(file.isDirty, false);
  });

  it('accepts all as one undo, then shows the file', async () => {
    const { file } = await review('all.ts');
    await vscode.commands.executeCommand(commandIds.acceptAll);
    await activeFile();
    assert.equal(file.getText(), proposed);
    assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), file.uri.toString());
    assert.deepEqual(reviewTabs(), []);
    await vscode.commands.executeCommand('undo');
    assert.equal(file.getText(), original);
  });

  it('rejects all: closes, and the file was never touched', async () => {
    const { file } = await review('none.ts');
    await vscode.commands.executeCommand(commandIds.rejectAll);
    await activeFile();
    assert.equal(file.version, 1);
    assert.deepEqual(reviewTabs(), []);
  });

  it('keeps carriage returns and a missing final line end', async () => {
    const { file } = await review('crlf.ts', original.trimEnd().replaceAll('\n', '\r\n'));
    await vscode.commands.executeCommand(commandIds.acceptAll);
    await activeFile();
    assert.equal(file.getText(), proposed.trimEnd().replaceAll('\n', '\r\n'));
  });

  it('finds its place in a file that changed above and below meanwhile', async () => {
    const { file } = await review('moved.ts');
    const edit = new vscode.WorkspaceEdit();
    edit.insert(file.uri, new vscode.Position(0, 0), '// licence\n// of two lines\n');
    edit.insert(file.uri, new vscode.Position(9, 0), '\nfunction three() {}\n');
    assert.ok(await vscode.workspace.applyEdit(edit));
    const meanwhile = file.getText();
    await vscode.commands.executeCommand(commandIds.nextHunk);
    await vscode.commands.executeCommand(commandIds.acceptHunk);
    assert.equal(file.getText(), meanwhile.replace('return 1;', 'return 10;'));
  });

  it('refuses a hunk whose lines changed meanwhile, and takes the others', async () => {
    const { file, editor } = await review('refused.ts');
    const edit = new vscode.WorkspaceEdit();
    edit.replace(file.uri, new vscode.Range(3, 2, 3, 11), 'return one;');
    assert.ok(await vscode.workspace.applyEdit(edit));
    const meanwhile = file.getText();
    await vscode.commands.executeCommand(commandIds.acceptAll);
    assert.equal(
      file.getText(),
      meanwhile.replace('import a\n', 'import a\nimport b\n').replace('return 2;', 'return 20;'),
    );
    await until(
      'the refused hunk to stay',
      async () => (await lenses(editor.document, '1 change left')).length === 1,
    );
  });

  it('says why a hunk was refused', async function () {
    needUi(this);
    const { file } = await review('words.ts');
    const edit = new vscode.WorkspaceEdit();
    edit.replace(file.uri, new vscode.Range(0, 0, 1, 0), 'import z\n');
    assert.ok(await vscode.workspace.applyEdit(edit));
    await vscode.commands.executeCommand(commandIds.acceptHunk);
    // An editor under test shows no toasts.
    await vscode.commands.executeCommand('notifications.showList');
    await ui.wait('.notifications-center :text("no longer fits: the lines in words.ts")');
    await ui.wait('.notifications-center :text("Show Log")');
    await vscode.commands.executeCommand('notifications.hideList');
  });

  it('goes to the next and the previous hunk, around the ends', async () => {
    const { editor } = await review('moves.ts');
    const at = async (command: string) => {
      await vscode.commands.executeCommand(command);
      return editor.selection.active.line;
    };
    assert.deepEqual(
      [await at(commandIds.nextHunk), await at(commandIds.nextHunk), await at(commandIds.nextHunk)],
      [4, 9, 1],
    );
    assert.equal(await at(commandIds.previousHunk), 9);
  });

  it('follows its keys', async function () {
    needUi(this);
    const { file } = await review('keys.ts');
    await ui.press('F7');
    await until('the next hunk', () => vscode.window.activeTextEditor?.selection.active.line === 4);
    // A person presses the next key once they see where they are.
    await ui.wait('.editor-instance .line-numbers.active-line-number:text-is("5")');
    await ui.press('Control+Enter');
    await until('the change', () => file.getText() === original.replace('return 1;', 'return 10;'));
    await ui.wait('.codelens-decoration :text("2 changes left")');
    await ui.screenshot('review');
    await ui.press('Control+Shift+Enter');
    await until('all changes', () => file.getText() === proposed);
  });

  it('ends when its tab is closed', async () => {
    const { file } = await review('closed.ts');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await until('the tab to close', () => reviewTabs().length === 0);
    await vscode.commands.executeCommand(commandIds.acceptAll);
    assert.equal(file.getText(), original);
  });

  it('opens nothing where nothing changes', async () => {
    const file = await openFile('same.ts', original);
    await openReview({ uri: file.document.uri, original, proposed: original.trimEnd(), title });
    assert.deepEqual(reviewTabs(), []);
  });

  it('replaces an older review of the same file', async () => {
    const { file } = await review('twice.ts');
    await openReview({
      uri: file.uri,
      original,
      proposed: original.replace('return 2;', 'return 3;'),
      title,
    });
    await until('one review', () => reviewTabs().length === 1);
    await vscode.commands.executeCommand(commandIds.acceptAll);
    assert.equal(file.getText(), original.replace('return 2;', 'return 3;'));
  });

  it('reviews a file that is not open', async () => {
    const uri = vscode.Uri.joinPath(workspaceFolder(), 'hidden.ts');
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(original));
    await openReview({ uri, original, proposed, title });
    await shownReview();
    await vscode.commands.executeCommand(commandIds.acceptAll);
    await activeFile();
    assert.equal(vscode.window.activeTextEditor?.document.getText(), proposed);
    assert.equal(await onDisk(uri), original);
  });
});

function reviewTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputText && input.uri.scheme === reviewScheme);
}
