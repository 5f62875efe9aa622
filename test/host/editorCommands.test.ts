import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { AskRequest, AskResult } from '../../src/chat/chatApi';
import { EditorCommands, type EditorCommandName } from '../../src/commands/editorCommands';
import { commandIds, reviewScheme } from '../../src/contributions';
import { CodeApplier } from '../../src/edit/applyCode';
import { EditorTracker } from '../../src/edit/editorTracker';
import type { AnswerReviews } from '../../src/edit/answerReview';
import type { OpenReview } from '../../src/edit/reviewRequest';
import { UserError } from '../../src/errors';
import type { ExtensionApi } from '../../src/extension';
import { activeExtension, closeAllEditors, openFile, until } from '../support/hostWorkspace';

const text = `/** Adds. */
export function add(a, b) {
  return a - b;
}

class Queue {
  push(item) {
    this.items.push(item);
  }
}
`;

let openReview: OpenReview;
let answers: AnswerReviews;
let editors: EditorTracker;
const answered = (answer: string): AskResult => ({ kind: 'answered', text: answer });

/** Runs a command with a chat that gives one answer; returns what was asked. */
async function run(name: EditorCommandName, result: AskResult, typed?: string): Promise<AskRequest> {
  const asked: AskRequest[] = [];
  const commands = new EditorCommands({
    editors,
    answers,
    asker: {
      ask: (request) => {
        asked.push(request);
        return Promise.resolve(result);
      },
    },
    newId: () => 'id',
    askPerson: () => Promise.resolve(typed),
  });
  await commands.handlers[name]();
  const [request] = asked;
  assert.ok(request, 'Nothing was asked.');
  return request;
}

async function open(name: string, line: number, character = 0): Promise<vscode.TextEditor> {
  const editor = await openFile(name, text);
  editor.selection = new vscode.Selection(line, character, line, character);
  return editor;
}

const reviewShown = () =>
  until('the review', () => vscode.window.activeTextEditor?.document.uri.scheme === reviewScheme);
const noReview = () => assert.notEqual(vscode.window.activeTextEditor?.document.uri.scheme, reviewScheme);

describe('editor commands', () => {
  before(async () => {
    ({ openReview, answers } = (await activeExtension()).exports as ExtensionApi);
    editors = new EditorTracker();
  });
  after(() => editors.dispose());
  afterEach(closeAllEditors);

  it('ask about the function around the cursor, with its comment', async () => {
    await open('around.js', 2, 4);
    const { text: message, attachments } = await run('explain', answered('It adds.'));
    assert.match(message, /^Explain this code\./);
    assert.equal(attachments[0]?.text, text.split('\n').slice(0, 4).join('\n'));
    assert.deepEqual(attachments[0].lines, { start: 1, end: 4 });
    assert.equal(attachments[0].label, 'around.js:1–4');
    assert.equal(attachments[0].languageId, 'javascript');
    noReview();
  });

  it('ask about the whole lines of a selection', async () => {
    const editor = await open('selection.js', 0);
    editor.selection = new vscode.Selection(6, 4, 8, 0);
    const { attachments } = await run('askAboutSelection', answered('Yes.'), 'Is it fast?');
    assert.equal(attachments[0]?.text, '  push(item) {\n    this.items.push(item);');
  });

  it('send what was typed', async () => {
    await open('typed.js', 2);
    assert.equal((await run('askAboutSelection', answered('Yes.'), ' Why minus? ')).text, 'Why minus?');
  });

  it('ask nothing when the input is dismissed', async () => {
    await open('dismissed.js', 2);
    await assert.rejects(run('editWithInstruction', answered('')), /Nothing was asked/);
  });

  it('end Fix in a review of the answer, and change the file only then', async () => {
    const { document } = await open('fix.js', 2);
    await run('fix', answered('```js\n/** Adds. */\nexport function add(a, b) {\n  return a + b;\n}\n```'));
    await reviewShown();
    assert.equal(document.getText(), text);
    await vscode.commands.executeCommand(commandIds.acceptAll);
    await until('the fix', () => document.getText() === text.replace('a - b', 'a + b'));
  });

  it('open the review with the first settled change, while the answer is still being written', async () => {
    const { document } = await open('streams.js', 6);
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    editor.selection = new vscode.Selection(5, 0, 9, 1);
    const half =
      '```js\nclass Queue {\n  push(item) {\n    this.items.unshift(item);\n    this.size++;\n  }\n';
    const commands = new EditorCommands({
      ...{ editors, answers, newId: () => 'id', askPerson: () => Promise.resolve(undefined) },
      asker: {
        ask: async ({ onText }) => {
          onText?.('```js\nclass Queue {\n  push(item) {\n    // more');
          noReview();
          onText?.(half);
          onText?.(`${half}}\n\`\`\`\n`);
          await reviewShown();
          return answered(`${half}}\n\`\`\``);
        },
      },
    });
    await commands.handlers.refactor();
    assert.equal(document.getText(), text);
    await vscode.commands.executeCommand(commandIds.acceptAll);
    await until(
      'the change',
      () =>
        document.getText() ===
        text.replace('this.items.push(item);', 'this.items.unshift(item);\n    this.size++;'),
    );
  });

  it('name the problems that the editor reports in the selection', async () => {
    const { document } = await open('problems.js', 2);
    const collection = vscode.languages.createDiagnosticCollection('test');
    const diagnostic = (line: number, message: string) =>
      new vscode.Diagnostic(new vscode.Range(line, 0, line, 5), message);
    collection.set(document.uri, [diagnostic(2, 'Wrong sign.'), diagnostic(7, 'Elsewhere.')]);
    const { text: message } = await run('fix', { kind: 'failed' });
    collection.dispose();
    assert.match(message, /- line 3: Wrong sign\./);
    assert.doesNotMatch(message, /Elsewhere/);
  });

  it('put the answer over the lines as they were when asked, though the file changed meanwhile', async () => {
    const { document } = await open('meanwhile.js', 7);
    const commands = new EditorCommands({
      ...{ editors, answers, newId: () => 'id', askPerson: () => Promise.resolve(undefined) },
      asker: {
        ask: async () => {
          const edit = new vscode.WorkspaceEdit();
          edit.insert(document.uri, new vscode.Position(0, 0), '// new\n');
          await vscode.workspace.applyEdit(edit);
          return answered('```js\npush(item) {\n  this.items.unshift(item);\n}\n```');
        },
      },
    });
    await commands.handlers.refactor();
    await reviewShown();
    await vscode.commands.executeCommand(commandIds.acceptAll);
    await until(
      'the change',
      () => document.getText() === `// new\n${text.replace('items.push', 'items.unshift')}`,
    );
  });

  it('say so where the answer holds no code', async () => {
    await open('nonsense.js', 2);
    await assert.rejects(run('document', answered('I am a teapot.')), {
      name: 'UserError',
      message: /holds no code/,
    });
    noReview();
  });

  it('change nothing with an answer that was cut off, and say so', async () => {
    await open('cut.js', 2);
    const cut = '```js\nexport function add(a, b) {\n  const sum = a + b;';
    await assert.rejects(run('refactor', { kind: 'answered', text: cut, cutAt: 'maxTokens' }), {
      name: 'UserError',
      message: /cut off.*layercake\.sampling\.maxTokens/,
    });
    noReview();
  });

  it('leave everything alone after a cancel', async () => {
    await open('cancelled.js', 2);
    await run('refactor', { kind: 'cancelled', text: '```js\nexport function add() {}' });
    noReview();
  });

  it('refuse blank lines in words', async () => {
    const editor = await openFile('blank.js', '\n\n\n');
    editor.selection = new vscode.Selection(1, 0, 1, 0);
    await assert.rejects(run('explain', answered('')), (error) => UserError.is(error));
  });

  it('apply a code block of the chat to the function of its name', async () => {
    const { document } = await open('apply.js', 8);
    await new CodeApplier(editors, openReview).apply('function add(a, b) {\n  return a + b;\n}');
    await reviewShown();
    assert.equal(document.getText(), text);
    await vscode.commands.executeCommand(commandIds.acceptAll);
    await until('the change', () => document.getText() === text.replace('a - b', 'a + b'));
  });

  it('apply a diff of the chat where its lines are, and refuse one whose lines are not there', async () => {
    const { document } = await open('diff.js', 8);
    await new CodeApplier(editors, openReview).apply(
      '@@ -90,3 +90,3 @@\n export function add(a, b) {\n-  return a - b;\n+  return a + b;\n }',
    );
    await reviewShown();
    await vscode.commands.executeCommand(commandIds.acceptAll);
    await until('the change', () => document.getText() === text.replace('a - b', 'a + b'));
    await assert.rejects(
      new CodeApplier(editors, openReview).apply('@@ -1 +1 @@\n-  return a * b;\n+  return a / b;'),
      { name: 'UserError', message: /are not in diff\.js/ },
    );
  });
});
