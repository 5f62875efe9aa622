import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { AskRequest } from '../../src/chat/chatApi';
import { UserError } from '../../src/errors';
import { explainFailure } from '../../src/terminal/explainFailure';
import { TerminalRecorder } from '../../src/terminal/terminalRecorder';
import { skipBecause } from '../support/hostSkip';
import { until } from '../support/hostWorkspace';

/** What a command writes in its first milliseconds the editor does not pass on. */
const twoLines = 'sleep 0.3; echo one; echo two';
const failing = 'sleep 0.3; ls /nowhere-at-all';

describe('the terminal', () => {
  let recorder: TerminalRecorder;
  let terminal: vscode.Terminal;
  let shell: vscode.TerminalShellIntegration;

  async function run(command: string): Promise<void> {
    let ended = false;
    const subscription = vscode.window.onDidEndTerminalShellExecution(({ execution }) => {
      if (execution.commandLine.value === command) ended = true;
    });
    shell.executeCommand(command);
    await until(`the end of "${command}"`, () => ended, 20_000);
    subscription.dispose();
  }
  const asked: AskRequest[] = [];
  const asker = {
    ask: (request: AskRequest) => {
      asked.push(request);
      return Promise.resolve({ kind: 'answered' as const, text: '' });
    },
  };

  before(async function () {
    if (process.platform === 'win32') skipBecause(this, 'the commands are those of a POSIX shell');
    recorder = new TerminalRecorder();
    await assert.rejects(explainFailure(recorder, asker), (error) => UserError.is(error));
    terminal = vscode.window.createTerminal({ name: 'Test', shellPath: '/bin/bash' });
    terminal.show(true);
    shell = await until('shell integration', () => terminal.shellIntegration, 20_000);
  });
  after(() => {
    recorder.dispose();
    terminal.dispose();
  });

  it('is recorded: the last command, its output and its exit code', async () => {
    await run(twoLines);
    const last = await until('the output', () => {
      const known = recorder.last();
      return known?.output.includes('two') === true && known;
    });
    assert.deepEqual(
      { ...last, cwd: undefined },
      {
        ...{ command: twoLines, exitCode: 0, output: 'one\ntwo', cwd: undefined },
      },
    );
    assert.equal(recorder.shellIntegration, 'on');
  });

  it('explains the last failure, though other commands came after it', async () => {
    await assert.rejects(explainFailure(recorder, asker), /No command has failed/);
    await run(failing);
    await run('true');
    await until('the output', () => recorder.lastFailure()?.output.includes('nowhere'));
    assert.equal(recorder.last()?.command, 'true');
    await explainFailure(recorder, asker);
    const [request] = asked;
    assert.match(request?.text ?? '', /^Explain why this command failed\./);
    const text = request?.attachments[0]?.text ?? '';
    assert.match(text, /\$ sleep 0\.3; ls \/nowhere-at-all\n.*No such file.*\n\(exit code 2\)$/s);
  });
});
