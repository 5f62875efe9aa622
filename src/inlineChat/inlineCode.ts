import type * as vscode from 'vscode';
import { askedCode, type AskedCode } from '../commands/askedCode';

/** The lines that a person means, as `askedCode`; with nothing selected on an empty line, that line. */
export async function inlineCode(editor: vscode.TextEditor): Promise<AskedCode> {
  const { document, selection } = editor;
  const { line } = selection.active;
  if (!selection.isEmpty || !document.lineAt(line).isEmptyOrWhitespace) return await askedCode(editor);
  const { uri, languageId } = document;
  return { uri, languageId, text: document.getText(), lines: { start: line, end: line } };
}
