import { languageIdOf } from '../chat/languageIds';
import { answerBlocks, type AnswerBlock } from './answer/answerBlocks';
import { languageInInfo } from './answer/fileNames';
import { isBlank, withoutOuterBlanks } from './textLines';

/**
 * The code in a model's answer, without fences, prose and outer blank lines. Small models forget to open a fence, or
 * to close it, or write several: of several blocks the largest of the wanted language counts, else the largest.
 * Undefined where there is nothing that looks like code.
 * @param languageId the editor's id of the language the code should be in
 */
export function extractCode(answer: string, languageId: string): string | undefined {
  const lines = answer.split(/\r\n|\r|\n/);
  const blocks = answerBlocks(answer).filter((block) => block.lines.some((line) => !isBlank(line)));
  if (blocks.length === 0) return unfencedCode(lines);
  const matching = blocks.filter(
    ({ info }) => languageIdOf(languageInInfo(info), [languageId]) === languageId,
  );
  return withoutOuterBlanks(largest(matching.length > 0 ? matching : blocks)?.lines ?? []).join('\n');
}

function largest(blocks: readonly AnswerBlock[]): AnswerBlock | undefined {
  const size = (block: AnswerBlock) => block.lines.filter((line) => !isBlank(line)).length;
  return blocks.reduce<AnswerBlock | undefined>(
    (best, block) => (best === undefined || size(block) > size(best) ? block : best),
    undefined,
  );
}

/** An answer without any fence: what stands between leading and trailing prose, if most of it looks like code. */
export function unfencedCode(lines: readonly string[]): string | undefined {
  const first = lines.findIndex(looksLikeCode);
  if (first < 0) return undefined;
  const last = lines.findLastIndex(looksLikeCode);
  const body = lines.slice(first, last + 1).filter((line) => !isBlank(line));
  const code = body.filter(looksLikeCode).length;
  return code * 2 > body.length ? lines.slice(first, last + 1).join('\n') : undefined;
}

const codeShapes = [
  // Ends as statements and blocks end, or is only brackets.
  /[;{}]$/,
  /^[\])}]+[;,]?$/,
  // Comments, decorators, includes, tags.
  /^(\/\/|\/\*|\*|@\w|#include\b|<\/?\w)/,
  // Assignments and calls.
  /^[\w.[\]]+\s*(?:[-+*/|&]|:)?=\s*\S/,
  /^[\w.]+\(.*\)[;,]?$/,
  // Heads of blocks in languages without braces.
  /^(?:async |def |class |if |elif |else|for |while |try|except|with |match |case ).*:$/,
  // Statements in languages without semicolons; a sentence would end in a full stop.
  /^(?:return|import|from|export|const|let|var|end|package|use|using|pub|raise)\b.*[^.]$|^end$/,
];

function looksLikeCode(line: string): boolean {
  const text = line.trim();
  return codeShapes.some((shape) => shape.test(text));
}
