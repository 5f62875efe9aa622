import { answerEdits, type AnswerEdits, type ShownFile } from '../edit/answerEdits';
import type { AskedLines } from '../edit/askedLines';
import { extractCode } from '../edit/codeBlock';
import { indentStyleOf, reindent } from '../edit/indentation';
import { applyLineEdits } from '../edit/lineEdit';
import { indentOf, isBlank, joinLines, parseLines } from '../edit/textLines';

/** What an answer changes. Asked about an empty line, code that is a version of nothing in the file goes there. */
export function inlineEdits(answer: string, shown: readonly ShownFile[], question = ''): AnswerEdits {
  const edits = answerEdits(answer, shown, question);
  const [file] = shown;
  const unplaced = edits.changes.length === 0 && edits.refused.length === 1 && edits.refused[0]?.code !== '';
  if (!unplaced || file?.lines === undefined) return edits;
  const { lines, eol } = parseLines(file.text);
  const asked = lines.slice(file.lines.start, file.lines.end + 1);
  const code = asked.every(isBlank) ? extractCode(answer, file.languageId) : undefined;
  if (code === undefined) return edits;
  const placed = reindent(code, [indentAround(lines, file.lines)], indentStyleOf(lines));
  const edit = { start: file.lines.start, count: asked.length, lines: placed };
  const proposed = joinLines({ lines: applyLineEdits(lines, [edit]), eol });
  return { changes: [{ uri: file.uri, path: file.path, original: file.text, proposed }], refused: [] };
}

/** A line as deep as the deeper one of those next to an empty one. */
function indentAround(lines: readonly string[], { start, end }: AskedLines): string {
  const isText = (line: string) => !isBlank(line);
  const above = indentOf(lines.slice(0, start).findLast(isText) ?? '');
  const below = indentOf(lines.slice(end + 1).find(isText) ?? '');
  return `${above.length > below.length ? above : below}.`;
}
