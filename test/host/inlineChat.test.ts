import * as assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Conversation } from '../../src/chat/conversation';
import type { AnswerChange } from '../../src/chat/turnRunner';
import { commandIds, inlineChatId } from '../../src/contributions';
import { EditorTracker } from '../../src/edit/editorTracker';
import { InlineThread } from '../../src/inlineChat/inlineThread';
import { subjectOf } from '../../src/inlineChat/subject';
import { needUi, ui } from '../support/hostBridge';
import { activeExtension, closeAllEditors, openFile, until, workspaceFolder } from '../support/hostWorkspace';

const text = `/** Adds. */
export function add(a, b) {
  return a - b;
}

export function twice(a) {
  return add(a, a);
}
`;
const fixed = '```js\n/** Adds. */\nexport function add(a, b) {\n  return a + b;\n}\n```';
const ended = (answer: string): AnswerChange => ({
  text: answer,
  status: { kind: 'done', stopReason: 'end' },
});

const input = () => {
  const document = vscode.window.activeTextEditor?.document;
  return document?.uri.scheme === 'comment' && document.uri.authority === inlineChatId && document;
};

describe('inline chat', () => {
  before(() => activeExtension());
  afterEach(closeAllEditors);

  it('keeps the panel of comments shut by its default of the editor’s own setting', () => {
    const setting = vscode.workspace.getConfiguration('comments').inspect('openView');
    assert.equal(setting?.globalValue, undefined);
    assert.equal(setting?.defaultValue, 'never');
  });

  it('has the focus in its input from the start, and leaves the file alone', async function () {
    needUi(this);
    const { document } = await openFile('inline.js', text);
    const editors = new EditorTracker();
    await vscode.commands.executeCommand(commandIds.inlineChat);
    const asked = await until('the focus in the input', input);
    await ui.type('Why minus?');
    await until('what was typed', () => asked.getText() === 'Why minus?');
    assert.equal(document.getText(), text);
    // The input is no file that commands could mean.
    assert.equal(editors.current?.document, document);
    editors.dispose();
  });

  it('opens once in a place, about the same lines, also where the first thread was left without a word', async function () {
    needUi(this);
    const { document } = await openFile('again.js', text);
    const inputs = new Set<vscode.TextDocument>();
    for (const leave of ['', 'Escape', '']) {
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand(commandIds.inlineChat);
      const asked = input();
      assert.ok(asked && !inputs.has(asked), 'The focus is not in a new input.');
      inputs.add(asked);
      await ui.wait('.review-widget .review-title .filename:has-text("again.js:1–4")');
      assert.equal(await ui.count('.review-widget'), 1);
      if (leave === '') continue;
      await ui.press(leave);
      await until('the thread to go', async () => (await ui.count('.review-widget')) === 0);
    }
    assert.equal(document.getText(), text);
  });

  it('asks at once what a prompt of a person’s own says, and tells in the thread why it cannot be answered', async function () {
    needUi(this);
    const { document } = await openFile('prompt.js', text);
    await vscode.commands.executeCommand(commandIds.inlineChat, { ask: 'Name the mistakes.' });
    await ui.wait('.review-comment:has-text("mistakes.")');
    await ui.wait('.review-comment:has-text("Layercake"):has-text("model")');
    await ui.wait('.review-title .filename:has-text("Failed")');
    await vscode.commands.executeCommand(commandIds.inlineDiscard);
    await until('the thread to go', async () => (await ui.count('.review-widget')) === 0);
    assert.equal(document.getText(), text);
  });

  it('is in the lightbulb of a selection, and not of a bare cursor', async () => {
    const { document } = await openFile('lightbulb.js', text);
    const titles = async (range: vscode.Range) =>
      (
        await vscode.commands.executeCommand<vscode.CodeAction[]>(
          'vscode.executeCodeActionProvider',
          document.uri,
          range,
        )
      ).map(({ title }) => title);
    assert.ok((await titles(new vscode.Range(1, 0, 3, 1))).includes('Ask Layercake…'));
    assert.ok(!(await titles(new vscode.Range(2, 3, 2, 3))).includes('Ask Layercake…'));
  });

  describe('thread', () => {
    let controller: vscode.CommentController;
    let asked: Conversation[];
    let answers: AnswerChange[];
    /** Whether all turns but the last leave the context with a question, one after the other. */
    let cuts: boolean[];
    before(() => (controller = vscode.comments.createCommentController('test-inline', 'Test')));
    after(() => controller.dispose());

    async function open(name: string, line: number, endLine: number) {
      asked = [];
      answers = [];
      cuts = [];
      const { document } = await openFile(name, text);
      const code = {
        ...{ uri: document.uri, languageId: 'javascript', text },
        lines: { start: line, end: endLine },
      };
      const thread = new InlineThread(
        {
          createThread: (uri, range) => controller.createCommentThread(uri, range, []),
          runner: {
            run: (conversation, sink, signal) => {
              const cut = cuts.shift();
              const first = conversation.messages.at(-1)?.id;
              const numbers = { droppedTurns: 1, rereadTokens: 1, rereadSeconds: null, contextSize: 512 };
              if (cut === true && first !== undefined) sink.memory({ ...numbers, firstMessageId: first });
              if (signal.aborted)
                return Promise.resolve({ status: { kind: 'done', stopReason: 'cancelled' } });
              asked.push(conversation);
              return Promise.resolve(answers.shift() ?? ended('Because.'));
            },
          },
          asker: { cost: () => Promise.resolve(undefined) },
          sources: { resolve: (typed) => Promise.resolve({ text: typed, attachments: [], problems: [] }) },
          ...{ newId: randomUUID, describe: String, system: () => 'Be brief.', onChange: () => undefined },
          subject: subjectOf(text, code.lines),
        },
        code,
      );
      const moved = vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document === document) thread.moved(event.contentChanges);
      });
      const close = () => {
        thread.dispose();
        moved.dispose();
      };
      return { document, thread, close };
    }
    /** What went along with the last question. */
    const along = () => {
      const message = asked.at(-1)?.messages.at(-1);
      return message?.role === 'user'
        ? message.attachments.map(({ label, text: code }) => [label, code])
        : [];
    };
    async function insert(document: vscode.TextDocument, line: number, added: string): Promise<void> {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(line, 0), added);
      await vscode.workspace.applyEdit(edit);
    }

    it('sends the lines once, and again when they have changed, wherever they are by then', async () => {
      const { document, thread, close } = await open('once.js', 0, 3);
      const code = text.split('\n').slice(0, 4).join('\n');
      await thread.send('Why?');
      assert.deepEqual(along(), [['once.js:1–4', code]]);
      await thread.send('Really?');
      assert.deepEqual(along(), []);
      await insert(document, 0, '// new\n');
      await thread.send('And now?');
      assert.deepEqual(along(), []);
      await insert(document, 3, '  // within\n');
      await thread.send('And now?');
      assert.deepEqual(along(), [['once.js:2–6', code.replace('{\n', '{\n  // within\n')]]);
      assert.equal(new Set(asked.map(({ id }) => id)).size, 1);
      close();
    });

    it('sends the lines again once they have left the context, be it with this question', async () => {
      const { thread, close } = await open('left.js', 0, 3);
      const code = text.split('\n').slice(0, 4).join('\n');
      cuts = [false, true, false];
      await thread.send('Why?');
      await thread.send('Really?');
      assert.deepEqual(along(), [['left.js:1–4', code]]);
      await thread.send('And now?');
      assert.deepEqual(along(), []);
      close();
    });

    it('sends a short selection although an answer has the same words', async () => {
      const { document, thread, close } = await open('short.js', 2, 2);
      answers = [ended('Better:\n  return a + b;')];
      await thread.send('Why?');
      const edit = new vscode.WorkspaceEdit();
      edit.replace(document.uri, new vscode.Range(2, 11, 2, 12), '+');
      await vscode.workspace.applyEdit(edit);
      await thread.send('So?');
      assert.deepEqual(along(), [['short.js:3', '  return a + b;']]);
      close();
    });

    it('knows what the last answer changes, and changes nothing by itself', async () => {
      const { document, thread, close } = await open('edits.js', 0, 3);
      answers = [ended(fixed), ended('It adds.')];
      await thread.send('Fix it');
      const [change] = thread.edits?.changes ?? [];
      assert.equal(change?.proposed, text.replace('a - b', 'a + b'));
      assert.equal(document.getText(), text);
      await thread.send('What does it do?');
      assert.equal(thread.edits, undefined);
      close();
    });

    it('offers nothing of an answer that was cut off', async () => {
      const { thread, close } = await open('cut.js', 0, 3);
      answers = [{ text: fixed, status: { kind: 'done', stopReason: 'maxTokens' } }];
      await thread.send('Fix it');
      assert.equal(thread.edits, undefined);
      close();
    });

    it('shows what is around an empty line, and puts code there', async () => {
      const { thread, close } = await open('empty.js', 4, 4);
      answers = [ended('```js\nexport const zero = () => 0;\n```')];
      await thread.send('Add a zero');
      assert.deepEqual(along(), [['empty.js:1–9', text]]);
      const changed = text.split('\n');
      changed[4] = 'export const zero = () => 0;';
      assert.equal(thread.edits?.changes[0]?.proposed, changed.join('\n'));
      close();
    });

    it('lets no answer run commands', async () => {
      const { thread, close } = await open('trust.js', 0, 3);
      answers = [ended('[Click](command:workbench.action.quit)')];
      await thread.send('Well?');
      const bodies = await until(
        'both comments',
        () => thread.thread.comments.length === 2 && thread.thread.comments,
      );
      for (const { body } of bodies) {
        assert.ok(body instanceof vscode.MarkdownString);
        assert.notEqual(body.isTrusted, true);
        assert.notEqual(body.supportHtml, true);
      }
      close();
    });
  });

  after(() => vscode.workspace.fs.delete(vscode.Uri.joinPath(workspaceFolder(), 'inline.js')));
});
