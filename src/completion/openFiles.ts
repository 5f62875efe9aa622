import * as vscode from 'vscode';
import type { ProjectFiles } from '../context/projectFiles';
import { realPath } from '../context/realPath';
import { holdsKey, mayHoldSecret } from '../context/secrets';
import type { OtherFile } from './crossFile';
import { pathOf, unixLines } from './documentCaret';
import { RecentEdits } from './recentEdits';

/** Where ghost texts are offered. Never everywhere: the boxes of comments are documents too. */
export const ghostSchemes = ['file', 'untitled', 'vscode-remote', 'vscode-notebook-cell'];

const mostFiles = 16;
const mostCharacters = 200_000;
/** How long the word of git and of links on a file holds, ms. */
const freshMs = 60_000;

/** What is open beside a caret's file, as far as it may go into a prompt unasked. */
export class OpenFiles {
  private readonly edits = new RecentEdits();
  private readonly keptOut = new Map<string, { at: number; answer: Promise<boolean> }>();
  private readonly subscription = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (!ghostSchemes.includes(document.uri.scheme)) return;
    for (const { range } of contentChanges) this.edits.note(document.uri.toString(), range.start.line);
  });

  constructor(private readonly project: Pick<ProjectFiles, 'ignores'>) {}

  /** The latest edited first. */
  async beside(uri: string): Promise<OtherFile[]> {
    const latest = this.edits.documents;
    const rank = (document: vscode.TextDocument) => {
      const at = latest.indexOf(document.uri.toString());
      return at === -1 ? latest.length : at;
    };
    // The editor keeps more documents than a person has open: those of its own searches, and closed ones for a while.
    const open = new Set([...tabKeys(), ...latest]);
    const documents = vscode.workspace.textDocuments
      // A notebook's tab does not name its cells.
      .filter(
        ({ uri: { scheme }, uri: own }) => scheme === 'vscode-notebook-cell' || open.has(own.toString()),
      )
      .filter((document) => ghostSchemes.includes(document.uri.scheme) && document.uri.toString() !== uri)
      .filter((document) => !document.isClosed && !mayHoldSecret(pathOf(document)))
      .sort((a, b) => rank(a) - rank(b))
      .slice(0, mostFiles);
    const files = await Promise.all(documents.map((document) => this.read(document)));
    return files.filter((file) => file !== undefined);
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private async read(document: vscode.TextDocument): Promise<OtherFile | undefined> {
    const text = document.getText();
    if (text.length > mostCharacters || holdsKey(text) || (await this.isKeptOut(document.uri)))
      return undefined;
    const uri = document.uri.toString();
    return { uri, path: pathOf(document), text: unixLines(text), edited: this.edits.of(uri) };
  }

  private async isKeptOut(uri: vscode.Uri): Promise<boolean> {
    if (uri.scheme === 'untitled') return false;
    // A notebook's cells are of its file.
    const file = uri.scheme === 'vscode-notebook-cell' ? uri.with({ scheme: 'file', fragment: '' }) : uri;
    const key = file.toString();
    let known = this.keptOut.get(key);
    if (known === undefined || Date.now() - known.at > freshMs) {
      known = { at: Date.now(), answer: this.mayNotBeRead(file) };
      this.keptOut.set(key, known);
    }
    return await known.answer;
  }

  private async mayNotBeRead(file: vscode.Uri): Promise<boolean> {
    return mayHoldSecret(await realPath(file)) || (await this.project.ignores(file));
  }
}

function tabKeys(): string[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.flatMap(({ input }) => {
    if (input instanceof vscode.TabInputText) return [input.uri.toString()];
    return input instanceof vscode.TabInputTextDiff ? [input.modified.toString()] : [];
  });
}
