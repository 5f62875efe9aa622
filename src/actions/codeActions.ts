import * as vscode from 'vscode';
import { commandIds, type CommandId } from '../contributions';
import { blockEnd, declaredName } from '../edit/declarations';
import { parseLines } from '../edit/textLines';
import { isProblem } from './problems';

/** Never all documents: the inputs of comments are documents too. */
export const codeSelector = ['file', 'untitled', 'vscode-remote', 'vscode-vfs'].map((scheme) => ({ scheme }));

/** Offers to fix and to explain problems, and on the head of a function to document and to test it. */
export function registerCodeActions(): vscode.Disposable {
  const { QuickFix, RefactorRewrite } = vscode.CodeActionKind;
  return vscode.languages.registerCodeActionsProvider(
    codeSelector,
    {
      provideCodeActions(document, { start }, { diagnostics }) {
        const problems = diagnostics.filter(isProblem);
        const actions: vscode.CodeAction[] = [];
        const add = (kind: vscode.CodeActionKind, title: string, command: CommandId, ...args: unknown[]) => {
          const action = new vscode.CodeAction(title, kind);
          action.command = { title, command, arguments: [document.uri, ...args] };
          if (kind === QuickFix) action.diagnostics = problems;
          actions.push(action);
        };
        if (problems.length > 0) {
          add(QuickFix, vscode.l10n.t('Fix with Layercake'), commandIds.fixProblem, problems);
          add(QuickFix, vscode.l10n.t('Explain with Layercake'), commandIds.explainProblem, problems);
        }
        const { line } = start;
        if (isHead(document, line)) {
          add(RefactorRewrite, vscode.l10n.t('Document with Layercake'), commandIds.document, line);
          add(RefactorRewrite, vscode.l10n.t('Write tests with Layercake'), commandIds.writeTests, line);
        }
        return actions;
      },
    },
    { providedCodeActionKinds: [QuickFix, RefactorRewrite] },
  );
}

/** Whether a line declares something that has a body. */
function isHead(document: vscode.TextDocument, line: number): boolean {
  if (declaredName(document.lineAt(line).text) === undefined) return false;
  return blockEnd(parseLines(document.getText()).lines, line) >= line + 2;
}
