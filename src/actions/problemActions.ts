import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Asker } from '../chat/chatApi';
import { askedCodeAt, attachmentOf, type AskedCode } from '../commands/askedCode';
import type { ProjectFiles } from '../context/projectFiles';
import type { EditorTracker } from '../edit/editorTracker';
import { UserError } from '../errors';
import { explainProblemPrompt, fixProblemPrompt } from '../prompts/actionPrompts';
import type { EditAsker } from './editAsker';
import { problemContext } from './problemContext';
import { isProblem } from './problems';

export interface ProblemActionsDeps {
  chat: Asker;
  edits: Pick<EditAsker, 'ask'>;
  editors: Pick<EditorTracker, 'current'>;
  project: Pick<ProjectFiles, 'list'>;
}

interface AskedProblem {
  code: AskedCode;
  diagnostics: readonly vscode.Diagnostic[];
  /** The problem as a model is told it. */
  told: string;
}

/** Fixes and explains what language servers and linters report. */
export class ProblemActions {
  constructor(private readonly deps: ProblemActionsDeps) {}

  /** Asks for the code without the problem, and opens the review while the answer comes. */
  async fix(args: readonly unknown[]): Promise<void> {
    const { code, diagnostics, told } = await this.asked(args);
    const title = vscode.l10n.t('Fix: {0}', titleOf(diagnostics));
    const attachments = [attachmentOf(code, randomUUID())];
    await this.deps.edits.ask({ code, title, attachments, text: fixProblemPrompt(told) });
  }

  /** Asks in the chat. */
  async explain(args: readonly unknown[]): Promise<void> {
    const { code, told } = await this.asked(args);
    const attachments = [attachmentOf(code, randomUUID())];
    await this.deps.chat.ask({ text: explainProblemPrompt(told), attachments });
  }

  /** A code action hands over a file and its diagnostics; else those at the cursor are meant. */
  private async asked([uri, given]: readonly unknown[]): Promise<AskedProblem> {
    const handed = uri instanceof vscode.Uri && Array.isArray(given);
    const editor = handed ? undefined : this.deps.editors.current;
    const document = handed ? await vscode.workspace.openTextDocument(uri) : editor?.document;
    if (document === undefined) throw new UserError(vscode.l10n.t('Open a file first.'));
    const diagnostics = handed
      ? given.filter((each): each is vscode.Diagnostic => each instanceof vscode.Diagnostic)
      : problemsAt(document, editor?.selection);
    const [first] = diagnostics;
    if (first === undefined) {
      throw new UserError(vscode.l10n.t('No problem is reported at the cursor. Put it where one is marked.'));
    }
    const { line } = first.range.start;
    const code = narrowed(await askedCodeAt(document, new vscode.Range(line, 0, line, 0)), line);
    return { code, diagnostics, told: await problemContext(code, diagnostics, this.deps.project) };
  }
}

/** Above this, the code around is too much to be written again. Lines. */
const mostLines = 120;
const linesAround = 20;

function narrowed(code: AskedCode, line: number): AskedCode {
  const { start, end } = code.lines;
  if (end - start < mostLines) return code;
  const lines = { start: Math.max(start, line - linesAround), end: Math.min(end, line + linesAround) };
  return { ...code, lines };
}

/** What is reported under the selection, else in its line. */
function problemsAt(
  { uri }: vscode.TextDocument,
  selection: vscode.Selection | undefined,
): vscode.Diagnostic[] {
  if (selection === undefined) return [];
  const all = vscode.languages.getDiagnostics(uri).filter(isProblem);
  const under = all.filter(({ range }) => range.intersection(selection) !== undefined);
  const { line } = selection.active;
  return under.length > 0
    ? under
    : all.filter(({ range }) => range.start.line <= line && line <= range.end.line);
}

/** The first line of what is reported, as a part of a longer one. */
function titleOf([first]: readonly vscode.Diagnostic[]): string {
  return (first?.message.split('\n')[0] ?? '').replace(/\.$/, '');
}
