import { randomUUID } from 'node:crypto';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { cutWords } from '../ask/cutAnswer';
import type { Asker, Attachment } from '../chat/chatApi';
import { makeAttachment } from '../chat/attachments';
import { askedFor, attachmentOf, type AskedCode } from '../commands/askedCode';
import type { ProjectFiles, ProjectFile } from '../context/projectFiles';
import { keyMark, withoutKeys } from '../context/secrets';
import type { FileChange } from '../edit/answerEdits';
import type { AnswerReviews } from '../edit/answerReview';
import { extractCode } from '../edit/codeBlock';
import type { EditorTracker } from '../edit/editorTracker';
import { UserError } from '../errors';
import { testPlace, type TestPlace } from '../languages/testPlace';
import { testsPrompt } from '../prompts/actionPrompts';
import { editorMessage } from '../prompts/prompts';
import { addTests } from './addTests';

export interface TestWriterDeps {
  chat: Asker;
  answers: AnswerReviews;
  editors: Pick<EditorTracker, 'current'>;
  project: Pick<ProjectFiles, 'list'>;
}

/** Of an example its beginning shows the style. Lines. */
const exampleLines = 50;
/** A file that is added to is shown so far. Lines. */
const shownLines = 150;

/** Writes tests where the project keeps its tests, as it writes them. */
export class TestWriter {
  constructor(private readonly deps: TestWriterDeps) {}

  /** Asks in the chat; the answer ends in a review of the test's file, new or not. */
  async write(args: readonly unknown[]): Promise<void> {
    const { chat, answers, editors, project } = this.deps;
    const code = await askedFor(args, editors.current);
    const own = vscode.workspace.asRelativePath(code.uri);
    const files = await project.list();
    const paths = files.map((file) => file.path);
    const found = paths.includes(own) ? testPlace(own, code.languageId, paths) : undefined;
    // With several folders open, a path does not say where a new file goes.
    const place = found?.exists === true || isSingleFolder() ? found : undefined;
    const attachments = [attachmentOf(code, randomUUID())];
    if (place === undefined) {
      // A language without tests of its own, a test itself, or a file outside of the project.
      await chat.ask({ text: editorMessage('writeTests'), attachments });
      return;
    }
    const target = place.exists ? await openListed(files, place.path) : undefined;
    const example = place.example === place.path ? undefined : place.example;
    const text = testsPrompt({ ...place, example, importFrom: importFor(place.path, own, code) });
    const shown = [
      ...(example === undefined ? [] : [headOf(await openListed(files, example), exampleLines)]),
      ...(target === undefined ? [] : [headOf(target, shownLines)]),
    ];
    const result = await chat.ask({ text, attachments: [...shown, ...attachments] });
    if (result.kind !== 'answered') return;
    if (result.cutAt !== undefined) throw new UserError(cutWords(result.cutAt));
    const change = changeOf(place, target, result.text, code.languageId);
    await answers.show(
      { changes: [change], refused: [] },
      vscode.l10n.t('Tests for {0}', path.basename(own)),
    );
  }
}

function isSingleFolder(): boolean {
  return vscode.workspace.workspaceFolders?.length === 1;
}

function changeOf(
  { path: testPath }: TestPlace,
  target: vscode.TextDocument | undefined,
  answer: string,
  languageId: string,
): FileChange {
  const written = extractCode(answer, languageId);
  if (written === undefined || written.trim() === '') {
    throw new UserError(
      vscode.l10n.t('The answer holds no tests, so no file was made. You can read it in the chat.'),
    );
  }
  if (target === undefined) return { path: testPath, original: '', proposed: `${written.trimEnd()}\n` };
  const original = target.getText();
  const proposed = addTests(original, written, languageId);
  return { uri: target.uri.toString(), path: testPath, original, proposed };
}

async function openListed(files: readonly ProjectFile[], listed: string): Promise<vscode.TextDocument> {
  const file = files.find((each) => each.path === listed);
  if (file === undefined) throw new UserError(vscode.l10n.t('{0} is no longer there.', listed));
  return vscode.workspace.openTextDocument(file.uri);
}

function headOf(document: vscode.TextDocument, lines: number): Attachment {
  const end = Math.min(document.lineCount, lines);
  const attachment = makeAttachment({
    ...{ id: randomUUID(), path: vscode.workspace.asRelativePath(document.uri) },
    ...{ uri: document.uri.toString(), languageId: document.languageId, text: document.getText() },
    selection:
      end === document.lineCount
        ? undefined
        : { start: { line: 0, character: 0 }, end: { line: end, character: 0 } },
  });
  // Nobody named this file: tests of what reads keys may hold some.
  return { ...attachment, text: withoutKeys(attachment.text, keyMark) };
}

/** What JavaScript's relatives import a file by, from a test; undefined elsewhere. */
function importFor(testPath: string, tested: string, { languageId }: AskedCode): string | undefined {
  if (!/^(?:java|type)script(?:react)?$/.test(languageId)) return undefined;
  const relative = path.posix.relative(path.posix.dirname(testPath), tested).replace(/\.[cm]?[jt]sx?$/, '');
  return relative.startsWith('.') ? relative : `./${relative}`;
}
