import * as assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ContextSources } from '../../src/context/contextSources';
import { createContext } from '../../src/context/createContext';
import type { TerminalRun } from '../../src/terminal/terminalRecorder';
import { gitIn, hasGit } from '../support/gitWorkspace';
import { skipBecause } from '../support/hostSkip';
import { closeAllEditors, openFile, workspaceFolder } from '../support/hostWorkspace';

const queue = `export class Queue {
  run(): void {
    this.jobs.shift();
  }
}

export function helper(): void {}
`;
const key = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n';

describe('context', () => {
  const below = 'context-suite';
  let run: TerminalRun | undefined;
  let asked: string[] = [];
  let allowed = false;
  let sources: ContextSources;
  let outside: string;
  const subscriptions: { dispose(): unknown }[] = [];

  const write = (name: string, text: string): Thenable<void> =>
    vscode.workspace.fs.writeFile(
      vscode.Uri.joinPath(workspaceFolder(), below, name),
      new TextEncoder().encode(text),
    );
  const offers = async (typed: string): Promise<string[]> =>
    (await sources.offers(typed, new AbortController().signal)).map(({ insert }) => insert);
  const resolve = async (text: string) => {
    asked = [];
    const resolved = await sources.resolve(text);
    return { ...resolved, texts: resolved.attachments.map((each) => each.text) };
  };
  const fresh = (): void => {
    sources = createContext(
      {
        editors: {
          get current() {
            return vscode.window.activeTextEditor;
          },
        },
        terminal: { last: () => run, shellIntegration: run === undefined ? 'off' : 'on' },
      },
      (name, reason) => {
        asked.push(`${name}: ${reason}`);
        return Promise.resolve(allowed);
      },
    );
  };

  before(async () => {
    await write('.gitignore', '*.log\nbuild/\n');
    await write('queue.ts', queue);
    await write('two words.md', 'Read me.\n');
    await write('debug.log', 'secret of the build');
    await write('build/queue.js', 'built');
    await write('.env', 'TOKEN=abc');
    await write('settings.txt', key);
    await write('image.png', '\u0000\u0001');
    outside = await mkdtemp(path.join(tmpdir(), 'lc-outside-'));
    await writeFile(path.join(outside, 'far.txt'), 'far away');
    // Windows lets administrators alone make links.
    if (process.platform === 'win32') return;
    const folder = path.join(workspaceFolder().fsPath, below);
    await symlink(path.join(folder, '.env'), path.join(folder, 'sample.txt'));
    await symlink(path.join(outside, 'far.txt'), path.join(folder, 'near.txt'));
  });
  after(async () => {
    await rm(outside, { recursive: true, force: true });
    for (const each of subscriptions) each.dispose();
    await closeAllEditors();
    await vscode.workspace.fs.delete(vscode.Uri.joinPath(workspaceFolder(), below), { recursive: true });
  });
  beforeEach(() => {
    allowed = false;
    run = undefined;
    fresh();
  });
  afterEach(() => closeAllEditors());

  /** Once without git, by the files that it would read, and once with it. */
  const files = (): void => {
    it('offers the files that git does not ignore and that hold no secrets', async () => {
      const found = await offers(`@file:${below}/`);
      assert.ok(found.includes(`@file:${below}/queue.ts`), found.join());
      assert.ok(found.includes(`@file:"${below}/two words.md"`), found.join());
      assert.deepEqual(
        found.filter((each) => /debug|build|\.env/.test(each)),
        [],
      );
      assert.deepEqual((await offers('@queue.ts')).slice(0, 1), [`@file:${below}/queue.ts`]);
      assert.ok((await offers('@folder:context')).includes(`@folder:${below}`));
    });

    it('asks before it takes what git ignores', async () => {
      const declined = await resolve(`See @file:${below}/debug.log now`);
      assert.deepEqual(asked, [`${below}/debug.log: Git ignores it.`]);
      assert.deepEqual(declined.problems, [`${below}/debug.log was left out.`]);
      assert.deepEqual(declined.attachments, []);
      assert.equal(declined.text, `See ${below}/debug.log now`);
      allowed = true;
      assert.deepEqual((await resolve(`@file:${below}/debug.log`)).texts, ['secret of the build']);
    });

    it('takes a folder without what is ignored, secret, elsewhere or no text', async () => {
      const { texts, problems } = await resolve(`@folder:${below}`);
      assert.deepEqual(asked, []);
      assert.deepEqual(problems, []);
      const [text = ''] = texts;
      assert.match(text, new RegExp(`===== ${below}/queue.ts =====\nexport class Queue`));
      assert.match(text, /Read me\./);
      assert.doesNotMatch(text, /secret of the build|built|TOKEN|far away|PRIVATE|image\.png/);
    });
  };

  describe('without git', files);

  describe('with git', () => {
    before(async function () {
      if (!(await hasGit())) skipBecause(this, 'git is not installed');
      const folder = workspaceFolder().fsPath;
      await gitIn(folder, 'init', '--quiet');
      await gitIn(folder, 'add', '--', below);
      await gitIn(folder, 'commit', '--quiet', '-m', 'First');
    });
    after(() =>
      rm(path.join(workspaceFolder().fsPath, '.git'), { recursive: true, force: true, maxRetries: 5 }),
    );

    files();

    it('takes the changes since the last commit, but none of what may hold secrets', async () => {
      assert.deepEqual((await resolve('@diff')).problems, ['Nothing has changed since the last commit.']);
      await write('queue.ts', queue.replace('shift', 'pop'));
      await write('.env', 'TOKEN=def');
      assert.ok((await offers('@')).includes('@diff'));
      const [diff = ''] = (await resolve('Explain @diff')).texts;
      assert.match(diff, /-    this\.jobs\.shift\(\);\n\+    this\.jobs\.pop\(\);/);
      assert.doesNotMatch(diff, /TOKEN/);
      for (const setting of ['diff.noprefix', 'diff.mnemonicPrefix']) {
        await gitIn(workspaceFolder().fsPath, 'config', setting, 'true');
        const [other = ''] = (await resolve('@diff')).texts;
        assert.match(other, /this\.jobs\.pop/);
        assert.doesNotMatch(other, /TOKEN/, setting);
        await gitIn(workspaceFolder().fsPath, 'config', '--unset', setting);
      }
      await write('queue.ts', queue);
    });
  });

  it('asks before it takes what may hold secrets, by its name and by its content', async () => {
    assert.deepEqual((await resolve(`@file:${below}/.env`)).attachments, []);
    assert.deepEqual(asked, [`${below}/.env: It may hold passwords, keys or certificates.`]);
    assert.deepEqual((await resolve(`@file:${below}/settings.txt`)).attachments, []);
    assert.deepEqual(asked, [`${below}/settings.txt: It holds a private key.`]);
    await openFile(`${below}/.env`, 'TOKEN=abc');
    await vscode.commands.executeCommand('editor.action.selectAll');
    assert.deepEqual((await resolve('@selection')).attachments, []);
    assert.equal(asked.length, 1);
  });

  it('says in words what cannot be had', async () => {
    const { problems } = await resolve(
      `@file:${below}/none.ts @folder:nowhere @selection @terminal @symbol:Nothing @file:${below}/image.png @file:${below}`,
    );
    assert.deepEqual(
      problems.map((problem) => problem.replace(/\(setting.*\)/, '')),
      [
        `${below}/none.ts was not found in the workspace.`,
        'nowhere/ has no files, or git ignores all of them.',
        'Nothing is selected in an editor.',
        'The shell in the terminal does not tell of its commands: shell integration is off there .',
        'No symbol Nothing was found.',
        `${below}/image.png is not a text.`,
        `${below} is a folder: name it as @folder.`,
      ],
    );
  });

  it('takes a file as it stands in its editor, or some lines of it, and the selection', async () => {
    const editor = await openFile(`${below}/queue.ts`, queue);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// Not saved\n'));
    const { attachments, text } = await resolve(
      `Why @file:${below}/queue.ts and @file:${below}/queue.ts:2-3?`,
    );
    assert.equal(text, `Why ${below}/queue.ts and ${below}/queue.ts:2-3?`);
    assert.deepEqual(
      attachments.map(({ label, lines, languageId }) => [label, lines, languageId]),
      [
        ['queue.ts', undefined, 'typescript'],
        ['queue.ts:2–3', { start: 2, end: 3 }, 'typescript'],
      ],
    );
    assert.match(attachments[0]?.text ?? '', /^\/\/ Not saved\nexport class/);
    editor.selection = new vscode.Selection(2, 4, 3, 2);
    const [selection] = (await resolve('@selection')).attachments;
    assert.equal(selection?.label, 'queue.ts:3–4');
    assert.equal(selection.text, '  run(): void {\n    this.jobs.shift();');
    assert.ok((await offers('@sel')).includes('@selection'));
  });

  it('takes a declaration by its name, as language servers know it', async () => {
    const ranges = [
      ['Queue', 0, 4],
      ['helper', 6, 6],
    ] as const;
    subscriptions.push(
      vscode.languages.registerDocumentSymbolProvider(
        { pattern: `**/${below}/queue.ts` },
        {
          provideDocumentSymbols: () =>
            ranges.map(([name, start, end]) => {
              const range = new vscode.Range(start, 0, end, 1);
              return new vscode.DocumentSymbol(name, '', vscode.SymbolKind.Class, range, range);
            }),
        },
      ),
      vscode.languages.registerWorkspaceSymbolProvider({
        provideWorkspaceSymbols: (query) =>
          ['queue.ts', 'build/queue.js'].map((name) => {
            const uri = vscode.Uri.joinPath(workspaceFolder(), below, name);
            const location = new vscode.Location(uri, new vscode.Position(0, 13));
            return new vscode.SymbolInformation(
              query === 'Qu' ? 'Queue' : query,
              vscode.SymbolKind.Class,
              '',
              location,
            );
          }),
      }),
    );
    assert.deepEqual(
      (await offers('@symbol:Qu')).filter((each) => each.includes(below)),
      [`@symbol:${below}/queue.ts#Queue`],
    );
    const { attachments, text } = await resolve(`What is @symbol:${below}/queue.ts#Queue?`);
    assert.equal(text, 'What is Queue?');
    assert.equal(attachments[0]?.text, queue.split('\n').slice(0, 5).join('\n'));
    assert.deepEqual((await resolve('@symbol:Queue')).texts, [attachments[0].text]);
  });

  it('takes errors and warnings with their lines, of files that may be read', async () => {
    const { document } = await openFile(`${below}/queue.ts`, queue);
    const problems = vscode.languages.createDiagnosticCollection('context-suite');
    subscriptions.push(problems);
    const range = new vscode.Range(2, 9, 2, 13);
    const error = new vscode.Diagnostic(
      range,
      "Property 'jobs' does not exist.",
      vscode.DiagnosticSeverity.Error,
    );
    error.source = 'suite';
    error.code = 2339;
    const hint = new vscode.Diagnostic(range, 'Never mind.', vscode.DiagnosticSeverity.Hint);
    problems.set(document.uri, [hint, error]);
    problems.set(vscode.Uri.joinPath(workspaceFolder(), below, 'build/queue.js'), [error]);
    assert.ok((await offers('@prob')).includes('@problems'));
    const [text = ''] = (await resolve('Fix the @problems')).texts;
    assert.match(
      text,
      new RegExp(`${below}/queue.ts:3:10: error suite\\(2339\\): Property 'jobs' does not exist.`),
    );
    assert.match(text, /\n {4}this\.jobs\.shift\(\);/);
    assert.doesNotMatch(text, /Never mind|build\/queue/);
    problems.clear();
  });

  it('takes the last command of a terminal, without private keys', async () => {
    run = { command: 'npm test', exitCode: 1, output: `1 failed\n${key}`, cwd: '/home/me' };
    fresh();
    assert.deepEqual((await resolve('Why @terminal')).texts, [
      '# in /home/me\n$ npm test\n1 failed\n[a private key was left out]\n(exit code 1)',
    ]);
    assert.ok((await offers('@')).includes('@terminal'));
  });
});
