import * as vscode from 'vscode';
import { reviewScheme } from '../contributions';

/** Knows the text editor that the person works in, also while the focus is in the chat or in a page. */
export class EditorTracker implements vscode.Disposable {
  private last: vscode.TextEditor | undefined;
  private readonly subscription: vscode.Disposable;

  constructor() {
    this.remember(vscode.window.activeTextEditor);
    this.subscription = vscode.window.onDidChangeActiveTextEditor((editor) => this.remember(editor));
  }

  /** Undefined where no file is visible. Never a review, an output or a diff of something that cannot be changed. */
  get current(): vscode.TextEditor | undefined {
    const { activeTextEditor, visibleTextEditors } = vscode.window;
    if (activeTextEditor !== undefined && holdsFile(activeTextEditor)) return activeTextEditor;
    if (this.last !== undefined && visibleTextEditors.includes(this.last)) return this.last;
    return visibleTextEditors.find(holdsFile);
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private remember(editor: vscode.TextEditor | undefined): void {
    if (editor !== undefined && holdsFile(editor)) this.last = editor;
  }
}

/** Whether an editor shows something that can be written. */
function holdsFile(editor: vscode.TextEditor): boolean {
  const { scheme } = editor.document.uri;
  // The input of a comment counts as an editor too.
  if (scheme === reviewScheme || scheme === 'output' || scheme === 'comment') return false;
  return scheme === 'untitled' || vscode.workspace.fs.isWritableFileSystem(scheme) !== false;
}
