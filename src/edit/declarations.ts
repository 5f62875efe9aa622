import { indentOf, isBlank } from './textLines';

/** A named piece of a file. Lines are 0-based, the end is inclusive. */
export interface NamedRange {
  readonly name: string;
  readonly startLine: number;
  readonly endLine: number;
}

/** What a language server knows of a named piece. */
export interface SymbolRange extends NamedRange {
  /** A function, a class or another thing that a person means by "this". */
  readonly isBlock: boolean;
}

const modifiers =
  '(?:(?:export|default|declare|public|private|protected|internal|static|abstract|final|sealed|partial|override|' +
  'virtual|inline|readonly|async|unsafe|pub(?:\\([^)]*\\))?)\\s+)*';
const keywords =
  '(?:function\\*?|def|class|interface|enum|struct|trait|type|fn|func(?:\\s*\\([^)]*\\))?|fun|impl|module|namespace|' +
  'record|sub|proc|const|let|var|val)';
const byKeyword = new RegExp(`^${modifiers}${keywords}\\s+([\\p{L}_$][\\p{L}\\p{N}_$]*)`, 'u');
/** Functions of C and its kin, and methods: a type or nothing, a name, parameters, and a block or its head's end. */
const byParameters = new RegExp(
  `^${modifiers}(?:[\\w<>[\\],.:*&?]+\\s+[*&]*)*([\\p{L}_$#][\\p{L}\\p{N}_$]*)\\s*\\([^;]*\\)[^;=]*\\{?$`,
  'u',
);
const notDeclaring =
  /^(?:if|for|while|switch|catch|return|else|with|do|new|await|throw|yield|case|typeof|delete|in|of)$/;

/** The name that a line declares, whatever its indent; undefined where it declares none. */
export function declaredName(line: string): string | undefined {
  const text = line.trim();
  const byWord = byKeyword.exec(text)?.[1];
  if (byWord !== undefined) return byWord;
  const name = byParameters.exec(text)?.[1];
  const words = text.slice(0, text.indexOf('(')).trim().split(/\s+/);
  if (name === undefined || words.some((word) => notDeclaring.test(word))) return undefined;
  // Without a block behind it, a name alone is a call.
  return text.endsWith('{') || words.length > 1 ? name : undefined;
}

/** Whether a line only brings something in from elsewhere, in one line. */
export function isImport(line: string): boolean {
  const text = line.trim();
  if (/[{([]$/.test(text)) return false;
  return /^(?:import\b|from\s+\S+\s+import\b|use\s|using\s|#include\b|(?:const|let|var)\s.*=\s*require\()/.test(
    text,
  );
}

/** Whether a line is a comment or an attribute, which belong to what stands below. */
export function isLead(line: string): boolean {
  return /^(?:\/\/|\/\*|\*|#(?!include\b|!)|--|@\w|\[\w+.*\]$)/.test(line.trim());
}

/**
 * The last line of the block that starts on a line, by indentation, which holds for languages with braces as well as
 * for those without.
 */
export function blockEnd(lines: readonly string[], start: number): number {
  const indent = indentOf(lines[start] ?? '');
  let end = start;
  for (let line = start + 1; line < lines.length; line++) {
    const text = lines[line] ?? '';
    if (isBlank(text)) continue;
    const own = indentOf(text);
    if (own.length > indent.length) {
      end = line;
      continue;
    }
    const trimmed = text.trim();
    if (own !== indent || !/^(?:[{})\]]|end\b|else\b|elif\b|except\b|catch\b|finally\b)/.test(trimmed)) break;
    end = line;
    // `} else {` and `): number {` go on.
    if (!/(?:[{([:]|\bthen|\bdo|\belse)$/.test(trimmed)) break;
  }
  return end;
}

/**
 * The block of code around a line: the nearest declaration above that reaches down to it, else the lines up to the
 * next blank ones.
 */
export function surroundingBlock(lines: readonly string[], line: number): { start: number; end: number } {
  for (let start = line; start >= 0; start--) {
    const text = lines[start] ?? '';
    if (declaredName(text) === undefined) continue;
    const end = blockEnd(lines, start);
    if (end >= line && end > start) return { start, end };
  }
  let start = line;
  let end = line;
  if (isBlank(lines[line] ?? '')) return { start, end };
  while (start > 0 && !isBlank(lines[start - 1] ?? '')) start--;
  while (end < lines.length - 1 && !isBlank(lines[end + 1] ?? '')) end++;
  return { start, end };
}

/** The smallest symbol around a line: of the functions and classes, else of all that span several lines. */
export function innermost(symbols: readonly SymbolRange[], line: number): NamedRange | undefined {
  const around = symbols.filter(({ startLine, endLine }) => startLine <= line && line <= endLine);
  const blocks = around.filter(({ isBlock }) => isBlock);
  const candidates =
    blocks.length > 0 ? blocks : around.filter(({ startLine, endLine }) => endLine > startLine);
  const size = ({ startLine, endLine }: NamedRange) => endLine - startLine;
  return [...candidates].sort((a, b) => size(a) - size(b))[0];
}

/** Moves a start up over the comments and attributes that belong to what starts there. */
export function withLead(lines: readonly string[], start: number): number {
  let first = start;
  while (first > 0 && isLead(lines[first - 1] ?? '')) first--;
  return first;
}
