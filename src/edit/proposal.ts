import type { AskedLines } from './askedLines';
import { extractCode } from './codeBlock';
import { placeCode } from './placeCode';
import { parseLines } from './textLines';

/**
 * The file as an answer would have it: the answer's code in place of the lines that it was asked for.
 * Undefined where the answer holds no code.
 * @param original the file's text when it was asked
 */
export function proposalFrom(
  answer: string,
  languageId: string,
  original: string,
  asked: AskedLines,
): string | undefined {
  const code = extractCode(answer, languageId);
  if (code === undefined) return undefined;
  const endCharacter = parseLines(original).lines[asked.end]?.length ?? 0;
  const selection = { startLine: asked.start, startCharacter: 0, endLine: asked.end, endCharacter };
  return placeCode(original, code, { selection, cursorLine: asked.start, symbols: [] }).proposed;
}
