import * as vscode from 'vscode';
import { makeAttachment } from '../chat/attachments';
import type { Attachment } from '../chat/chatApi';
import type { ShownFile } from '../edit/answerEdits';
import { declaredName, innermost, surroundingBlock, withLead } from '../edit/declarations';
import { symbolRanges } from '../edit/documentSymbols';
import type { AskedLines } from '../edit/askedLines';
import { isBlank, parseLines } from '../edit/textLines';
import { UserError } from '../errors';
import type { Problem } from '../prompts/prompts';

/** A file as it was when a person asked about some of its lines. */
export interface AskedCode {
  readonly uri: vscode.Uri;
  readonly languageId: string;
  readonly text: string;
  readonly lines: AskedLines;
}

/**
 * The lines that a person means: those selected, else the function or class around the cursor, else the block of
 * lines there. Rejects with a `UserError` where there is nothing but blank lines.
 */
export function askedCode({ document, selection }: vscode.TextEditor): Promise<AskedCode> {
  return askedCodeAt(document, selection);
}

/** The same for lines that need not be selected. */
export async function askedCodeAt(
  document: vscode.TextDocument,
  selection: vscode.Range,
): Promise<AskedCode> {
  const text = document.getText();
  const asked = { uri: document.uri, languageId: document.languageId, text };
  const all = parseLines(text).lines;
  const lines = selection.isEmpty
    ? await linesAround(document.uri, all, selection.start.line)
    : selectedLines(selection);
  if (all.slice(lines.start, lines.end + 1).every(isBlank)) {
    throw new UserError(vscode.l10n.t('Select some code, or put the cursor into it.'));
  }
  return { ...asked, lines };
}

/**
 * The code at the place that a lens or a code action hands over (a file, and a line of it, 0-based), else what is meant in the editor that a person works in.
 * Rejects with a `UserError` where there is neither.
 */
export async function askedFor(
  [uri, line]: readonly unknown[],
  editor: vscode.TextEditor | undefined,
): Promise<AskedCode> {
  // Menus hand a URI over as well, but no line.
  if (uri instanceof vscode.Uri && typeof line === 'number') {
    return askedCodeAt(await vscode.workspace.openTextDocument(uri), new vscode.Range(line, 0, line, 0));
  }
  if (editor === undefined) throw new UserError(vscode.l10n.t('Open a file first.'));
  return askedCode(editor);
}

/** The code as it goes along with a question. */
export function attachmentOf({ uri, languageId, text, lines }: AskedCode, id: string): Attachment {
  return makeAttachment({
    ...{ id, languageId, text },
    path: vscode.workspace.asRelativePath(uri),
    uri: uri.toString(),
    selection: { start: { line: lines.start, character: 0 }, end: { line: lines.end + 1, character: 0 } },
  });
}

/** The code as an answer to it is applied. */
export function shownFileOf({ uri, languageId, text, lines }: AskedCode): ShownFile {
  return { uri: uri.toString(), path: vscode.workspace.asRelativePath(uri), languageId, text, lines };
}

/** What the editor reports in these lines, errors first; hints are left out. */
export function problemsIn({ uri, lines }: AskedCode): Problem[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter(({ severity }) => severity <= vscode.DiagnosticSeverity.Warning)
    .filter(({ range }) => range.start.line <= lines.end && range.end.line >= lines.start)
    .sort((a, b) => a.severity - b.severity || a.range.start.line - b.range.start.line)
    .map(({ range, message }) => ({ line: range.start.line + 1, message }));
}

function selectedLines({ start, end }: vscode.Range): AskedLines {
  // A selection of whole lines ends at the start of the line after them.
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  return { start: start.line, end: last };
}

async function linesAround(uri: vscode.Uri, all: readonly string[], line: number): Promise<AskedLines> {
  // Language servers count the callback of a call in one line among the functions; nobody means that alone.
  const symbols = (await symbolRanges(uri)).filter(
    ({ startLine, endLine }) => endLine > startLine || declaredName(all[startLine] ?? '') !== undefined,
  );
  const symbol = innermost(symbols, line);
  const block =
    symbol === undefined ? surroundingBlock(all, line) : { start: symbol.startLine, end: symbol.endLine };
  // The comments above belong to it: a model that does not see them writes them again.
  return { start: withLead(all, block.start), end: block.end };
}
