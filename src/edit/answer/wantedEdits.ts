import { languageIdOf } from '../../chat/languageIds';
import { unfencedCode } from '../codeBlock';
import { parseLines } from '../textLines';
import { answerBlocks, type AnswerBlock } from './answerBlocks';
import { asPath, fileOfPath, languageInInfo, pathInComment, pathInInfo, pathInProse } from './fileNames';
import { findPassage, squeezed } from './passages';
import { isSearchReplace, searchReplaceEdits, type PassageEdit } from './searchReplace';
import { diffEdits, isDiff } from './unifiedDiff';

/** What a model wants, before it is known whether and where it fits. */
export type WantedEdit =
  | { kind: 'passage'; edit: PassageEdit }
  | {
      kind: 'whole';
      path: string | undefined;
      /** The file may be a new one: its name was given as one, not in passing. */
      mayBeNew: boolean;
      /** As the fence names it, in lower case; '' where it names none. */
      language: string;
      lines: readonly string[];
      closed: boolean;
      code: string;
    }
  | { kind: 'newFile'; path: string; lines: readonly string[]; code: string }
  | { kind: 'other'; path: string | undefined; code: string };

interface Known {
  readonly path: string;
  readonly languageId: string;
  readonly lines: readonly string[];
}

/**
 * All edits in an answer, in order: search and replace pairs, hunks of diffs, blocks of code; in fences or without.
 * @param whole false while the answer grows: what may not be whole yet is left out, but a growing block of code
 */
export function wantedEdits(answer: string, shown: readonly Known[], whole = true): WantedEdit[] {
  const blocks = answerBlocks(answer).flatMap((block) => unwrapped(block, shown));
  if (blocks.length === 0) {
    const code = whole ? unfencedCode(answer.split(/\r\n|\r|\n/)) : undefined;
    if (code === undefined) return [];
    const lines = parseLines(code).lines;
    return [{ kind: 'whole', path: undefined, mayBeNew: false, language: '', lines, closed: true, code }];
  }
  const edits: WantedEdit[] = [];
  for (let index = 0; index < blocks.length; index++) {
    const block = blocks[index];
    const next = blocks[index + 1];
    if (block === undefined) continue;
    const pair = next && replaces(block, next, shown) && (whole || next.closed);
    if (pair === true) {
      const code = [...block.lines, ...next.lines].join('\n');
      const reading = { before: block.lines, after: next.lines };
      edits.push({ kind: 'passage', edit: { path: undefined, readings: [reading], code } });
      index++;
    } else edits.push(...fromBlock(block, shown, whole || block.closed));
  }
  return edits;
}

/** An answer may be fenced as a whole, prose and all. */
function unwrapped(block: AnswerBlock, shown: readonly Known[]): AnswerBlock[] {
  const language = languageInInfo(block.info);
  const isWrap =
    /^(?:md|markdown|text|txt)$/.test(language) && block.lines.some((line) => /^\s*```\S*\s*$/.test(line));
  if (!isWrap || shown.some(({ languageId }) => languageId === 'markdown')) return [block];
  return answerBlocks(block.lines.join('\n'));
}

function fromBlock(block: AnswerBlock, shown: readonly Known[], whole: boolean): WantedEdit[] {
  const { lines, info, closed } = block;
  const language = languageInInfo(info);
  const named = nameOf(block, shown);
  const known = named.path === undefined ? undefined : fileOfPath(named.path, shown);
  if (isSearchReplace(lines)) {
    return searchReplaceEdits(lines, named.path, whole).map((edit) => ({ kind: 'passage', edit }));
  }
  const fileLines = known?.lines ?? shown.flatMap((file) => file.lines);
  if (isDiff(language, lines, fileLines)) return diffEdits(lines, named.path, whole);
  const code = lines.join('\n');
  const rest = named.inCode ? withoutName(lines, known) : lines;
  const { path, mayBeNew } = named;
  return [{ kind: 'whole', path, mayBeNew, language, lines: rest, closed, code }];
}

interface BlockName {
  path: string | undefined;
  mayBeNew: boolean;
  inCode: boolean;
}

/** The file that a block is said to be of: in its fence, in the lines above, in a comment at its beginning. */
function nameOf({ info, before, lines }: AnswerBlock, shown: readonly Known[]): BlockName {
  const inFence = pathInInfo(info);
  if (inFence !== undefined) return { path: inFence, mayBeNew: true, inCode: false };
  const above = before.at(-1) ?? '';
  const earlier = before.at(-2) ?? '';
  const saysNew = [above, earlier].some((line) =>
    /\b(?:new file|create|creating|add a file|file(?:name)?:)/i.test(line),
  );
  const isTitle = (line: string) => /^(?:#+\s|\*\*|`[^`]+`:?$|file\b)/i.test(line);
  for (const line of [above, earlier]) {
    const path = pathInProse(line);
    if (
      path !== undefined &&
      (isTitle(line) || saysNew || path.includes('/') || fileOfPath(path, shown) !== undefined)
    ) {
      const mayBeNew = saysNew || path.includes('/');
      return { path, mayBeNew, inCode: false };
    }
  }
  const comment = lines.find((line) => line.trim() !== '') ?? '';
  const inCode = pathInComment(comment);
  if (inCode !== undefined) return { path: inCode, mayBeNew: saysNew || inCode.includes('/'), inCode: true };
  const mentioned = [...above.matchAll(/`([^`\s]+)`/g)].flatMap((match) => asPath(match[1] ?? '') ?? []);
  const [only] = mentioned;
  if (only !== undefined && mentioned.length === 1) {
    if (fileOfPath(only, shown) !== undefined) return { path: only, mayBeNew: false, inCode: false };
    if (saysNew) return { path: only, mayBeNew: true, inCode: false };
  }
  return { path: undefined, mayBeNew: false, inCode: false };
}

/** The comment with the name is none of the file, unless the file has it. */
function withoutName(lines: readonly string[], known: Known | undefined): readonly string[] {
  const at = lines.findIndex((line) => line.trim() !== '');
  const name = squeezed(lines[at] ?? '');
  if (known?.lines.some((line) => squeezed(line) === name) === true) return lines;
  return lines.slice(at + 1);
}

const leadsOver =
  /\b(?:with(?: this)?|by|after|becomes?|should (?:be|read|look like)|instead|new(?: version| code)?|replacement|updated(?: version| code)?|fixed(?: version| code)?|changed? (?:it |this )?to|to(?: this)?|corrected)\b\W*$/i;

/** "Replace … with …": a quote of the file, and what comes in its place. */
function replaces(block: AnswerBlock, next: AnswerBlock, shown: readonly Known[]): boolean {
  const above = next.before.at(-1) ?? '';
  if (next.before.length === 0 || next.before.length > 2 || !leadsOver.test(above)) return false;
  if (languageIn(block) !== languageIn(next) || isSearchReplace(block.lines)) return false;
  const quoted = shown.filter(({ lines }) => findPassage(lines, block.lines).kind === 'found');
  return (
    quoted.length === 1 && quoted.every(({ lines }) => findPassage(lines, next.lines).kind === 'notFound')
  );
}

function languageIn({ info }: AnswerBlock): string {
  return languageInInfo(info);
}

/** Languages that stand for each other in fences. */
const families: readonly (readonly string[])[] = [
  ['typescript', 'typescriptreact', 'javascript', 'javascriptreact', 'vue', 'svelte'],
  ['c', 'cpp', 'objective-c', 'objective-cpp', 'cuda-cpp'],
  ['css', 'scss', 'less', 'sass'],
  ['html', 'xml', 'php', 'vue', 'svelte', 'handlebars', 'razor', 'erb'],
  ['json', 'jsonc'],
  ['shellscript', 'bash', 'zsh', 'sh'],
  ['sql', 'postgresql', 'mysql', 'plsql', 'sqlite', 'tsql'],
];
const fenceNames: Readonly<Record<string, string>> = {
  h: 'c',
  hpp: 'cpp',
  cc: 'cpp',
  cxx: 'cpp',
  mjs: 'javascript',
  cjs: 'javascript',
  node: 'javascript',
  py3: 'python',
  python3: 'python',
  console: 'shellscript',
  terminal: 'shellscript',
  powershell: 'powershell',
  htm: 'html',
};
const knownIds = new Set([
  ...families.flat(),
  ...['python', 'go', 'rust', 'java', 'csharp', 'ruby', 'markdown', 'yaml', 'toml', 'kotlin', 'swift', 'lua'],
  ...['powershell', 'dockerfile', 'makefile', 'perl', 'r', 'scala', 'dart'],
]);

/** Whether code behind a fence of this language may belong into a file of that one; names unknown here may. */
export function languageFits(language: string, languageId: string): boolean {
  if (language === '') return true;
  const name = fenceNames[language] ?? language;
  const id = languageIdOf(name, [...knownIds]);
  if (id === languageId || !knownIds.has(id)) return true;
  return families.some((family) => family.includes(id) && family.includes(languageId));
}
