import * as vscode from 'vscode';
import { fenced } from '../chat/attachmentText';
import type { AskedCode } from '../commands/askedCode';
import { problemOf } from '../context/problemsSource';
import { problemsText } from '../context/problemsText';
import type { ProjectFiles } from '../context/projectFiles';
import { keyMark, withoutKeys } from '../context/secrets';

/** Lines of code that are shown before and after a place that a problem refers to. */
const linesAround = 2;
const maxPlaces = 3;
/** Some refer to a whole class. Lines. */
const mostLines = 12;

/** Problems as a model is told them, with the code of the places that they refer to. */
export async function problemContext(
  code: AskedCode,
  diagnostics: readonly vscode.Diagnostic[],
  project: Pick<ProjectFiles, 'list'>,
): Promise<string> {
  const problems = diagnostics.flatMap((diagnostic) => problemOf(code.uri, diagnostic) ?? []);
  const places = diagnostics
    .flatMap(({ relatedInformation }) => relatedInformation ?? [])
    .map(({ location }) => location)
    .filter(({ uri, range }) => uri.toString() !== code.uri.toString() || !isShown(code, range.start.line))
    .slice(0, maxPlaces);
  // Libraries are ignored by git: what they declare stays out of prompts.
  const known = new Set(
    places.length === 0 ? [] : (await project.list()).map(({ uri }) => uri.toString()),
  ).add(code.uri.toString());
  const texts = await Promise.all(
    places.filter(({ uri }) => known.has(uri.toString())).map((place) => codeAt(place)),
  );
  return [problemsText(problems, undefined), ...texts.filter((text) => text !== '')].join('\n');
}

function isShown({ lines }: AskedCode, line: number): boolean {
  return lines.start <= line && line <= lines.end;
}

/** '' where the file cannot be opened. */
async function codeAt({ uri, range }: vscode.Location): Promise<string> {
  const document = await Promise.resolve(vscode.workspace.openTextDocument(uri)).catch(() => undefined);
  if (document === undefined) return '';
  const first = Math.max(0, range.start.line - linesAround);
  const last = Math.min(document.lineCount, range.end.line + linesAround + 1, first + mostLines) - 1;
  const lines = Array.from({ length: last - first + 1 }, (_, index) => document.lineAt(first + index).text);
  const path = vscode.workspace.asRelativePath(uri);
  return `${path}, lines ${first + 1}–${last + 1}:\n${fenced(withoutKeys(lines.join('\n'), keyMark), document.languageId)}`;
}
