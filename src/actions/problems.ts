import * as vscode from 'vscode';

/** Hints and remarks are no problems: they mark half of some files. */
export function isProblem({ severity }: vscode.Diagnostic): boolean {
  return severity === vscode.DiagnosticSeverity.Error || severity === vscode.DiagnosticSeverity.Warning;
}
