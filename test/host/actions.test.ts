import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { EditAsker } from '../../src/actions/editAsker';
import { functionLenses } from '../../src/actions/functionLenses';
import { ProblemActions } from '../../src/actions/problemActions';
import { TestWriter } from '../../src/actions/testWriter';
import type { CutAt } from '../../src/ask/cutAnswer';
import type { ModelAsker } from '../../src/ask/modelAsker';
import type { AskRequest } from '../../src/chat/chatApi';
import { ProjectFiles } from '../../src/context/projectFiles';
import { commandIds, reviewScheme } from '../../src/contributions';
import type { AnswerReviews } from '../../src/edit/answerReview';
import { EditorTracker } from '../../src/edit/editorTracker';
import { UserError } from '../../src/errors';
import type { ExtensionApi } from '../../src/extension';
import type { ChatResult, LoadedModel } from '../../src/protocol/engine';
import { activeExtension, closeAllEditors, openFile, until, workspaceFolder } from '../support/hostWorkspace';

const sum = `import { Item } from './item';

export function sum(items: Item[]): number {
  return items.reduce((all, item) => all + item.price);
}
`;
const item = `export interface Item {
  name: string;
  price: number;
}
`;
const fixed = sum.replace('item.price)', 'item.price, 0)');

describe('actions on code', () => {
  let answers: AnswerReviews;
  let editors: EditorTracker;
  let diagnostics: vscode.DiagnosticCollection;
  const folder = (name: string) => vscode.Uri.joinPath(workspaceFolder(), name);

  before(async () => {
    ({ answers } = (await activeExtension()).exports as ExtensionApi);
    editors = new EditorTracker();
    diagnostics = vscode.languages.createDiagnosticCollection('actions');
  });
  afterEach(async () => {
    diagnostics.clear();
    await closeAllEditors();
  });
  after(async () => {
    editors.dispose();
    diagnostics.dispose();
    await vscode.workspace.fs.delete(folder('shop'), { recursive: true });
  });

  /** A chat and a model that give one answer, and what they were asked. */
  function answering(answer: string, cutAt?: CutAt) {
    const asked: AskRequest[] = [];
    const prompts: string[] = [];
    const chat = {
      ask: (request: AskRequest) => {
        asked.push(request);
        return Promise.resolve({ kind: 'answered' as const, text: answer, ...(cutAt && { cutAt }) });
      },
    };
    const asker: Pick<ModelAsker, 'ask'> = {
      ask: ({ messages }, onProgress) => {
        prompts.push(messages.at(-1)?.content ?? '');
        onProgress({ kind: 'text', text: answer, tokens: 1, tokensPerSecond: 0 });
        return Promise.resolve({ text: answer, stopReason: cutAt ?? 'end' } as ChatResult);
      },
    };
    // What it lists it keeps for a while.
    const project = new ProjectFiles();
    const edits = new EditAsker({
      ...{ asker, answers, budget: { fit: (attachments) => Promise.resolve(attachments) } },
      readiness: { ensureLoaded: () => Promise.resolve({} as LoadedModel) },
    });
    const problems = new ProblemActions({ chat, edits, editors, project });
    return { asked, prompts, problems, tests: new TestWriter({ chat, answers, editors, project }) };
  }

  /** A problem in line 4 of sum.ts that refers to item.ts. */
  async function withProblem(): Promise<{ document: vscode.TextDocument; problem: vscode.Diagnostic }> {
    await openFile('shop/item.ts', item);
    const { document } = await openFile('shop/sum.ts', sum);
    const problem = new vscode.Diagnostic(new vscode.Range(3, 15, 3, 40), "Type 'Item' is not a number.");
    problem.source = 'ts';
    problem.code = 2322;
    problem.relatedInformation = [
      new vscode.DiagnosticRelatedInformation(
        new vscode.Location(folder('shop/item.ts'), new vscode.Range(2, 2, 2, 7)),
        'The price is declared here.',
      ),
    ];
    diagnostics.set(document.uri, [problem]);
    return { document, problem };
  }

  const actionsAt = (uri: vscode.Uri, line: number, character = 0) =>
    vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      new vscode.Range(line, character, line, character),
    );
  const ours = (actions: readonly vscode.CodeAction[]) =>
    actions.map(({ title }) => title).filter((title) => title.endsWith('with Layercake'));
  const reviewShown = () =>
    until('the review', () => vscode.window.activeTextEditor?.document.uri.scheme === reviewScheme);

  it('are offered on problems, and on the heads of functions', async function () {
    this.timeout(90_000);
    const { document } = await withProblem();
    const onProblem = ['Fix with Layercake', 'Explain with Layercake'];
    // The language server, which is asked too, may only be starting.
    await until('the actions', async () => ours(await actionsAt(document.uri, 3, 20)).length === 2, 60_000);
    assert.deepEqual(ours(await actionsAt(document.uri, 3, 20)), onProblem);
    const onHead = ['Document with Layercake', 'Write tests with Layercake'];
    assert.deepEqual(ours(await actionsAt(document.uri, 2)), onHead);
    assert.deepEqual(ours(await actionsAt(document.uri, 0)), []);
  });

  it('fix a problem with what it refers to, through the review', async () => {
    const { document, problem } = await withProblem();
    const answer = `\`\`\`ts\n${fixed.split('\n').slice(2).join('\n')}\`\`\``;
    const { prompts, problems } = answering(answer);
    await problems.fix([document.uri, [problem]]);
    await reviewShown();
    assert.match(prompts[0] ?? '', /error ts\(2322\): Type 'Item' is not a number\./);
    assert.match(prompts[0] ?? '', /The price is declared here\./);
    assert.match(prompts[0] ?? '', /shop\/item\.ts, lines 1–5:\n```typescript\nexport interface Item \{/);
    assert.equal(document.getText(), sum);
    await vscode.commands.executeCommand(commandIds.acceptAll);
    await until('the fix', () => document.getText() === fixed);
  });

  it('change nothing with an answer that was cut off, and say so', async () => {
    const { document, problem } = await withProblem();
    const answer = `\`\`\`ts\n${fixed.split('\n').slice(2, 4).join('\n')}\n`;
    const { problems, tests } = answering(answer, 'contextFull');
    const cut = { name: 'UserError', message: /cut off.*layercake\.load\.contextSize/ };
    await assert.rejects(problems.fix([document.uri, [problem]]), cut);
    await assert.rejects(tests.write([document.uri, 2]), cut);
    assert.notEqual(vscode.window.activeTextEditor?.document.uri.scheme, reviewScheme);
    assert.equal(document.getText(), sum);
  });

  it('explain the problem at the cursor in the chat', async () => {
    await withProblem();
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    editor.selection = new vscode.Selection(3, 0, 3, 0);
    const { asked, problems } = answering('It is so.');
    await problems.explain([]);
    assert.match(asked[0]?.text ?? '', /^Explain this problem\.\n.*shop\/sum\.ts:4:16: error ts\(2322\)/s);
    assert.equal(asked[0]?.attachments[0]?.label, 'sum.ts:3–5');
  });

  it('say so where no problem is', async () => {
    await openFile('shop/item.ts', item);
    const { problems } = answering('');
    await assert.rejects(problems.fix([]), (error) => UserError.is(error));
  });

  it('write tests into a new file beside those of the project, as those are written', async () => {
    await openFile('shop/item.ts', item);
    await openFile(
      'shop/item.test.ts',
      "import { expect, it } from 'vitest';\n\nit('is an item', () => {});\n",
    );
    const { document } = await openFile('shop/sum.ts', sum);
    const written =
      "import { it } from 'vitest';\nimport { sum } from './sum';\n\nit('adds', () => sum([]));";
    const { asked, tests } = answering(`\`\`\`typescript\n${written}\n\`\`\``);
    await tests.write([document.uri, 2]);
    await reviewShown();
    assert.match(asked[0]?.text ?? '', /They go into shop\/sum\.test\.ts\.\nImport it from '\.\/sum'\./);
    assert.deepEqual(
      asked[0]?.attachments.map(({ label }) => label),
      ['item.test.ts', 'sum.ts:3–5'],
    );
    await vscode.commands.executeCommand(commandIds.acceptAll);
    const file = await until('the file', () =>
      Promise.resolve(vscode.workspace.openTextDocument(folder('shop/sum.test.ts'))).catch(() => undefined),
    );
    await until('the tests', () => file.getText().trimEnd() === written);
  });

  it('put lenses above functions, which name their place', async () => {
    const { document } = await openFile('shop/sum.ts', sum);
    const lenses = await until('the lenses', async () => {
      const found = await functionLenses(document);
      return found.length > 0 && found;
    });
    assert.deepEqual(
      lenses.map(({ range, command }) => [range.start.line, command?.title]),
      [
        [2, 'Explain'],
        [2, 'Document'],
        [2, 'Write Tests'],
      ],
    );
    assert.deepEqual(lenses[0]?.command?.arguments, [document.uri, 2]);
  });

  it('show lenses in the editor only where they are switched on', async () => {
    const { document } = await openFile('shop/sum.ts', sum);
    const shown = async () => {
      const all = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
        10,
      );
      return all.filter(({ command }) => command?.command.startsWith('layercake.') === true).length;
    };
    assert.equal(await shown(), 0);
    const settings = vscode.workspace.getConfiguration('layercake');
    await settings.update('codeLens', true, vscode.ConfigurationTarget.Global);
    await until('the lenses', async () => (await shown()) === 3);
    await settings.update('codeLens', undefined, vscode.ConfigurationTarget.Global);
    await until('their end', async () => (await shown()) === 0);
  });
});
