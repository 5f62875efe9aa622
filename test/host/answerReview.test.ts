import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds, reviewScheme } from '../../src/contributions';
import type { FileChange, ShownFile } from '../../src/edit/answerEdits';
import type { AnswerReviews } from '../../src/edit/answerReview';
import type { ExtensionApi } from '../../src/extension';
import { needUi, ui } from '../support/hostBridge';
import { activeExtension, closeAllEditors, openFile, until, workspaceFolder } from '../support/hostWorkspace';

const first =
  'export function one() {\n  return 1;\n}\n\nexport function two() {\n  return 2;\n}\n\nexport const end = 3;\n';
const second = 'import { one } from "./first";\n\nexport const sum = one() + 1;\n';
const title = 'Change it';

let answers: AnswerReviews;
let acceptChanges: ExtensionApi['acceptChanges'];

/** A folder for each test: the editor may still hold an older text of a file that was removed. */
let tests = 0;
const folder = () => `answers-${tests}`;

async function shownFile(name: string, text: string): Promise<ShownFile> {
  const { document } = await openFile(`${folder()}/${name}`, text);
  return { uri: document.uri.toString(), path: name, languageId: document.languageId, text };
}

const activeReview = () => {
  const editor = vscode.window.activeTextEditor;
  const { scheme, path } = editor?.document.uri ?? {};
  return scheme === reviewScheme && path?.startsWith('/Review of') === true ? editor : undefined;
};
const reviewWith = (text: string) =>
  until(`a review with ${text}`, () => {
    const editor = activeReview();
    return editor?.document.getText().includes(text) === true && editor;
  });
const readText = async (path: string) =>
  (await vscode.workspace.openTextDocument(vscode.Uri.joinPath(workspaceFolder(), path))).getText();
const textOf = (name: string) => readText(`${folder()}/${name}`);
const replace = (path: string, from: string, to: string) =>
  `${path}\n\`\`\`\n<<<<<<< SEARCH\n${from}\n=======\n${to}\n>>>>>>> REPLACE\n\`\`\`\n`;
const overview = () =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .find(({ label }) => label.startsWith(`Changes: ${title}`));

describe('answers on their way into a review', () => {
  before(async () => {
    ({ answers, acceptChanges } = (await activeExtension()).exports as ExtensionApi);
  });
  beforeEach(() => {
    tests++;
  });
  afterEach(async () => {
    await closeAllEditors();
    for (const name of [folder(), 'third.ts', 'there.ts', 'fourth.ts']) {
      const uri = vscode.Uri.joinPath(workspaceFolder(), name);
      await Promise.resolve(vscode.workspace.fs.delete(uri, { recursive: true })).catch(() => undefined);
    }
  });

  it('open it with the first settled change and let it grow, cursor and decisions staying', async () => {
    const file = await shownFile('first.ts', first);
    const review = answers.begin({ shown: [file], title });
    const one = replace('first.ts', '  return 1;', '  return 10;');
    review.text(one.slice(0, 40));
    review.text(one);
    const editor = await reviewWith('return 10;');
    assert.ok(!editor.document.getText().includes('return 20;'));
    await vscode.commands.executeCommand(commandIds.acceptHunk);
    assert.equal(await textOf('first.ts'), first.replace('return 1;', 'return 10;'));
    review.text(`${one}\n${replace('first.ts', '  return 2;', '  return 20;')}`);
    await reviewWith('return 20;');
    const edits = await review.end(
      `${one}\n${replace('first.ts', '  return 2;', '  return 20;')}\n${replace('first.ts', 'export const end = 3;', 'export const end = 30;')}`,
    );
    assert.deepEqual(edits.refused, []);
    await reviewWith('end = 30;');
    await vscode.commands.executeCommand(commandIds.acceptAll);
    const expected = first.replace('1;', '10;').replace('2;', '20;').replace('= 3;', '= 30;');
    assert.equal(await textOf('first.ts'), expected);
  });

  it('drop at the end what the whole answer does not hold', async () => {
    const file = await shownFile('first.ts', first);
    const review = answers.begin({ shown: [file], title });
    review.text(replace('first.ts', '  return 1;', '  return 10;'));
    await reviewWith('return 10;');
    await assert.rejects(review.end('I have changed my mind.'), { name: 'UserError' });
    await until('the file', () => activeReview() === undefined);
    assert.equal(await textOf('first.ts'), first);
  });

  it('merge with what was written in the file meanwhile, also while the answer streams', async () => {
    const file = await shownFile('first.ts', first);
    const review = answers.begin({ shown: [file], title });
    const answer = replace('first.ts', '  return 2;', '  return 20;');
    review.text(answer);
    await reviewWith('return 20;');
    const edit = new vscode.WorkspaceEdit();
    edit.insert(vscode.Uri.parse(file.uri), new vscode.Position(0, 0), '// licence\n');
    assert.ok(await vscode.workspace.applyEdit(edit));
    await review.end(answer);
    await vscode.commands.executeCommand(commandIds.acceptAll);
    assert.equal(await textOf('first.ts'), `// licence\n${first.replace('return 2;', 'return 20;')}`);
  });

  it('close it after a cancel, and leave what was accepted', async () => {
    const file = await shownFile('first.ts', first);
    const review = answers.begin({ shown: [file], title });
    review.text(replace('first.ts', '  return 1;', '  return 10;'));
    await reviewWith('return 10;');
    await review.cancel();
    await until('the file', () => activeReview() === undefined);
    assert.equal(await textOf('first.ts'), first);
  });

  it('open the file that the whole answer changes where the first was not meant', async () => {
    const shown = [await shownFile('first.ts', first), await shownFile('second.ts', second)];
    const review = answers.begin({ shown, title });
    review.text(replace('first.ts', '  return 1;', '  return 10;'));
    await reviewWith('return 10;');
    await review.end(replace('second.ts', 'export const sum = one() + 1;', 'export const sum = one();'));
    await reviewWith('sum = one();');
    assert.equal(await textOf('first.ts'), first);
  });

  it('ask no second time about what was accepted while it streamed', async () => {
    const shown = [await shownFile('first.ts', first), await shownFile('second.ts', second)];
    const review = answers.begin({ shown, title });
    const one = replace('first.ts', '  return 1;', '  return 10;');
    review.text(one);
    await reviewWith('return 10;');
    await vscode.commands.executeCommand(commandIds.acceptAll);
    await review.end(
      one + replace('second.ts', 'export const sum = one() + 1;', 'export const sum = one();'),
    );
    await reviewWith('sum = one();');
    assert.equal(overview(), undefined);
    assert.equal(await textOf('first.ts'), first.replace('return 1;', 'return 10;'));
  });

  it('do not come back where a person has closed it', async () => {
    const file = await shownFile('first.ts', first);
    const review = answers.begin({ shown: [file], title });
    const answer = replace('first.ts', '  return 1;', '  return 10;');
    review.text(answer);
    await reviewWith('return 10;');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await review.end(answer);
    assert.equal(activeReview(), undefined);
  });

  it('make one set of several files, with an overview, file by file', async () => {
    const shown = [await shownFile('first.ts', first), await shownFile('second.ts', second)];
    const answer = [
      replace('first.ts', '  return 1;', '  return 10;'),
      replace('second.ts', 'export const sum = one() + 1;', 'export const sum = one() + third;'),
      'third.ts (new file):\n```ts\nexport const third = 3;\n```',
    ].join('\n');
    const edits = await answers.begin({ shown, title }).end(answer);
    assert.deepEqual(
      edits.changes.map(({ path }) => path),
      ['first.ts', 'second.ts', 'third.ts'],
    );
    await until('the overview', overview);
    assert.equal(activeReview(), undefined);
    await vscode.commands.executeCommand(commandIds.nextFile);
    await reviewWith('return 10;');
    await vscode.commands.executeCommand(commandIds.acceptAll);
    await reviewWith('one() + third;');
    assert.equal(await textOf('first.ts'), first.replace('return 1;', 'return 10;'));
    await vscode.commands.executeCommand(commandIds.rejectAll);
    await reviewWith('third = 3;');
    await vscode.commands.executeCommand(commandIds.acceptAll);
    await until('the new file', () => vscode.window.activeTextEditor?.document.fileName.endsWith('third.ts'));
    assert.equal(await readText('third.ts'), 'export const third = 3;\n');
    assert.equal(await textOf('second.ts'), second);
    await until('the overview to close', () => overview() === undefined);
  });

  it('accept all files at once', async () => {
    const shown = [await shownFile('first.ts', first), await shownFile('second.ts', second)];
    await answers
      .begin({ shown, title })
      .end(
        replace('first.ts', '  return 1;', '  return 10;') +
          replace('second.ts', 'export const sum = one() + 1;', 'export const sum = one();'),
      );
    await until('the overview', overview);
    await vscode.commands.executeCommand(commandIds.acceptFiles);
    assert.equal(await textOf('first.ts'), first.replace('return 1;', 'return 10;'));
    assert.equal(await textOf('second.ts'), second.replace(' + 1;', ';'));
    await until('the overview to close', () => overview() === undefined);
  });

  it('accept all other files where one refuses', async () => {
    const newFile = (name: string) =>
      `Create a new file \`${name}\`:\n\`\`\`ts\nexport const ours = 3;\n\`\`\`\n`;
    const shown = [await shownFile('first.ts', first)];
    const change = replace('first.ts', '  return 1;', '  return 10;');
    await answers.begin({ shown, title }).end(change + newFile('third.ts') + newFile('fourth.ts'));
    await until('the overview', overview);
    await openFile('third.ts', 'export const theirs = 3;\n');
    await vscode.commands.executeCommand(commandIds.acceptFiles);
    assert.equal(await readText('third.ts'), 'export const theirs = 3;\n');
    assert.equal(await readText('fourth.ts'), 'export const ours = 3;\n');
    await vscode.commands.executeCommand(commandIds.rejectFiles);
    await until('the overview to close', () => overview() === undefined);
  });

  it('show all other files where one is gone', async () => {
    const kept = await shownFile('second.ts', second);
    const gone = { ...kept, uri: kept.uri.replace('second', 'first'), path: 'first.ts', text: first };
    await assert.rejects(
      answers
        .begin({ shown: [gone, kept], title })
        .end(
          replace('first.ts', '  return 1;', '  return 10;') +
            replace('second.ts', 'export const sum = one() + 1;', 'export const sum = one();'),
        ),
      /first\.ts can no longer be opened/,
    );
    await until('the overview', overview);
    await vscode.commands.executeCommand(commandIds.acceptFiles);
    assert.equal(await textOf('second.ts'), second.replace(' + 1;', ';'));
  });

  it('close the overview of new files alone once all are decided on', async () => {
    const shown = [await shownFile('first.ts', first)];
    const answer = ['fifth.ts', 'sixth.ts']
      .map((name) => `Create a new file \`${name}\`:\n\`\`\`ts\nexport const ours = 3;\n\`\`\`\n`)
      .join('');
    await answers.begin({ shown, title }).end(answer);
    await until('the overview', overview);
    await vscode.commands.executeCommand(commandIds.acceptFiles);
    await until('the overview to close', () => overview() === undefined);
    assert.equal(await readText('sixth.ts'), 'export const ours = 3;\n');
  });

  it('show the overview with its buttons', async function () {
    needUi(this);
    const shown = [await shownFile('first.ts', first), await shownFile('second.ts', second)];
    await answers
      .begin({ shown, title })
      .end(
        replace('first.ts', '  return 1;', '  return 10;') +
          replace('second.ts', 'export const sum = one() + 1;', 'export const sum = one();'),
      );
    await ui.wait('.multiDiffEntry :text("return 10;")');
    await ui.wait('.editor-actions [aria-label^="Accept All Changes in All Files"]');
    await ui.screenshot('overview');
    await vscode.commands.executeCommand(commandIds.rejectFiles);
    assert.equal(await textOf('first.ts'), first);
  });

  it('refuse a new file where one is there already', async () => {
    const shown = [await shownFile('first.ts', first)];
    await openFile('there.ts', 'export {};\n');
    const answer = 'Create a new file `there.ts`:\n```ts\nexport const third = 3;\n```';
    await assert.rejects(answers.begin({ shown, title }).end(answer), /there\.ts is there already/);
    assert.equal(await readText('there.ts'), 'export {};\n');
  });

  it('can be accepted without a review: all files as they are now, or none', async () => {
    const [one, two] = [await shownFile('first.ts', first), await shownFile('second.ts', second)];
    const changes: FileChange[] = [
      { uri: one.uri, path: one.path, original: first, proposed: first.replace('return 1;', 'return 10;') },
      { uri: two.uri, path: two.path, original: second, proposed: second.replace(' + 1;', ';') },
      { path: 'fourth.ts', original: '', proposed: 'export const third = 3;\n' },
    ];
    const edit = new vscode.WorkspaceEdit();
    edit.insert(vscode.Uri.parse(one.uri), new vscode.Position(0, 0), '// licence\n');
    edit.replace(vscode.Uri.parse(two.uri), new vscode.Range(2, 0, 2, 29), 'export const sum = 7;');
    assert.ok(await vscode.workspace.applyEdit(edit));
    await assert.rejects(acceptChanges(changes), /second\.ts was changed meanwhile/);
    assert.equal(await textOf('first.ts'), `// licence\n${first}`);
    await acceptChanges(changes.filter(({ path }) => path !== 'second.ts'));
    assert.equal(await textOf('first.ts'), `// licence\n${first.replace('return 1;', 'return 10;')}`);
    assert.equal(await readText('fourth.ts'), 'export const third = 3;\n');
  });
});
