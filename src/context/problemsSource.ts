import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Attachment } from '../chat/chatApi';
import type { ActiveEditor } from '../chat/codeActions';
import { UserError } from '../errors';
import type { ContextSource } from './contextSource';
import type { MentionOffer } from './contextSources';
import { openDocument } from './fileReader';
import { problemsText, type Problem } from './problemsText';
import type { ProjectFiles } from './projectFiles';

/** "@problems": errors and warnings of the workspace's files. */
export class ProblemsSource implements ContextSource {
  readonly kind = 'problems';

  constructor(
    private readonly project: ProjectFiles,
    private readonly editors: ActiveEditor,
  ) {}

  async offers(): Promise<MentionOffer[]> {
    const { length } = await this.problems();
    if (length === 0) return [];
    const { t } = vscode.l10n;
    const detail = length === 1 ? t('1 in the workspace') : t('{0} in the workspace', length);
    return [{ insert: '@problems', label: t('Problems'), detail, kind: this.kind }];
  }

  async attach(): Promise<Attachment> {
    const problems = await this.problems();
    if (problems.length === 0) throw new UserError(vscode.l10n.t('The workspace has no problems.'));
    const current = this.editors.current?.document.uri;
    const first = current && vscode.workspace.asRelativePath(current);
    return {
      ...{ id: randomUUID(), kind: this.kind, label: vscode.l10n.t('Problems'), path: 'Problems' },
      ...{ uri: 'layercake-context:problems', languageId: '', text: problemsText(problems, first) },
    };
  }

  private async problems(): Promise<Problem[]> {
    const known = new Set((await this.project.list()).map(({ uri }) => uri.toString()));
    return vscode.languages.getDiagnostics().flatMap(([uri, diagnostics]) => {
      if (!known.has(uri.toString()) && uri.scheme !== 'untitled') return [];
      return diagnostics.flatMap((diagnostic) => problemOf(uri, diagnostic) ?? []);
    });
  }
}

/** undefined: no error and no warning. */
export function problemOf(uri: vscode.Uri, diagnostic: vscode.Diagnostic): Problem | undefined {
  const { range, severity, message, code, source, relatedInformation } = diagnostic;
  const isError = severity === vscode.DiagnosticSeverity.Error;
  if (!isError && severity !== vscode.DiagnosticSeverity.Warning) return undefined;
  const { line, character } = range.start;
  const document = openDocument(uri);
  const value = typeof code === 'object' ? code.value : code;
  return {
    path: vscode.workspace.asRelativePath(uri),
    ...{ line: line + 1, column: character + 1, severity: isError ? 'error' : 'warning', message },
    code: value === undefined ? (source ?? '') : `${source ?? ''}(${value})`,
    source: document !== undefined && line < document.lineCount ? document.lineAt(line).text : undefined,
    related: (relatedInformation ?? []).map((each) => ({
      path: vscode.workspace.asRelativePath(each.location.uri),
      line: each.location.range.start.line + 1,
      message: each.message,
    })),
  };
}
