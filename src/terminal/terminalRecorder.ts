import * as vscode from 'vscode';
import { BoundedOutput } from './terminalText';

/** A command of an integrated terminal that has ended. */
export interface TerminalRun {
  command: string;
  /** undefined: the shell did not tell. */
  exitCode: number | undefined;
  /** Without control sequences; of a long one the beginning and the end. */
  output: string;
  /** Absolute path; undefined: the shell did not tell. */
  cwd: string | undefined;
}

/** Why nothing is known of terminals; `on` where a shell tells of its commands. */
export type ShellIntegration = 'on' | 'off' | 'noTerminal';

interface Recorded extends Omit<TerminalRun, 'output'> {
  output: BoundedOutput;
}

/**
 * Keeps the last command of the window's terminals and the last that failed, as shells with shell integration tell of
 * them. Nothing leaves the memory of this process.
 */
export class TerminalRecorder implements vscode.Disposable {
  // Executions of a closed terminal never end: they are forgotten with it.
  private readonly running = new WeakMap<vscode.TerminalShellExecution, BoundedOutput>();
  private lastRun: Recorded | undefined;
  private lastFailed: Recorded | undefined;
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor() {
    this.subscriptions = [
      vscode.window.onDidStartTerminalShellExecution(({ execution }) => this.started(execution)),
      vscode.window.onDidEndTerminalShellExecution(({ execution, exitCode }) =>
        this.ended(execution, exitCode),
      ),
    ];
  }

  last(): TerminalRun | undefined {
    return this.lastRun && { ...this.lastRun, output: this.lastRun.output.text() };
  }

  /** The last command that ended with another code than 0. */
  lastFailure(): TerminalRun | undefined {
    return this.lastFailed && { ...this.lastFailed, output: this.lastFailed.output.text() };
  }

  get shellIntegration(): ShellIntegration {
    const { terminals } = vscode.window;
    if (terminals.some(({ shellIntegration }) => shellIntegration !== undefined)) return 'on';
    return terminals.length === 0 ? 'noTerminal' : 'off';
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private started(execution: vscode.TerminalShellExecution): void {
    const output = new BoundedOutput();
    this.running.set(execution, output);
    // Only what comes after `read` was called is told.
    void collect(execution.read(), output);
  }

  private ended(execution: vscode.TerminalShellExecution, exitCode: number | undefined): void {
    const command = execution.commandLine.value.trim();
    const output = this.running.get(execution);
    if (output === undefined || command === '') return;
    const run = { command, exitCode, cwd: execution.cwd?.fsPath, output };
    this.lastRun = run;
    if (exitCode !== undefined && exitCode !== 0) this.lastFailed = run;
  }
}

/** A stream that breaks off leaves what came. */
async function collect(stream: AsyncIterable<string>, output: BoundedOutput): Promise<void> {
  try {
    for await (const data of stream) output.add(data);
  } catch {
    // The terminal is gone.
  }
}
