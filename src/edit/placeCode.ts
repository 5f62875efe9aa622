import { diffArrays } from 'diff';
import { blockEnd, declaredName, isImport, isLead, withLead, type NamedRange } from './declarations';
import { indentStyleOf, reindent } from './indentation';
import { applyLineEdits, type LineEdit } from './lineEdit';
import { hasWord, indentOf, isBlank, joinLines, parseLines, withoutOuterBlanks } from './textLines';

/** 0-based, as the editor counts. */
export interface TextRange {
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  readonly endCharacter: number;
}

export interface PlaceHints {
  /** Undefined where nothing is selected. */
  readonly selection: TextRange | undefined;
  readonly cursorLine: number;
  /** What the editor knows to be declared in the file, at any depth. */
  readonly symbols: readonly NamedRange[];
}

export interface PlacedCode {
  /** The whole new text of the file. */
  readonly proposed: string;
  readonly how: 'selection' | 'wholeFile' | 'symbol' | 'lines' | 'insert';
}

/**
 * Finds where a block of code belongs in a file and puts it there: over the selection; over the declaration of the
 * same name; over the whole file where the block repeats most of it; over the lines between its first and its last
 * one; else at the cursor.
 */
export function placeCode(original: string, code: string, hints: PlaceHints): PlacedCode {
  const { lines, eol } = parseLines(original);
  const codeLines = withoutOuterBlanks(parseLines(code).lines);
  const clean = codeLines.join('\n');
  const edited = (how: PlacedCode['how'], edits: readonly LineEdit[]): PlacedCode => ({
    proposed: joinLines({ lines: applyLineEdits(lines, edits), eol }),
    how,
  });
  const whole = (): PlacedCode => ({
    proposed: joinLines({ lines: [...codeLines, ''], eol }),
    how: 'wholeFile',
  });

  if (codeLines.length === 0) return { proposed: original, how: 'insert' };
  if (hints.selection !== undefined) {
    const { startLine, endLine } = hints.selection;
    const outside = [...lines.slice(0, startLine), ...lines.slice(endLine + 1)];
    if (outside.filter(hasWord).length >= 3 && sharedLines(outside, codeLines) >= 0.8) return whole();
    return { proposed: overSelection(lines, clean, hints.selection, eol), how: 'selection' };
  }
  const declaration = overDeclaration(lines, codeLines, hints.symbols);
  if (declaration !== undefined) return edited('symbol', declaration);
  if (!hasElision(codeLines) && sharedLines(lines, codeLines) >= 0.6) return whole();
  const between = betweenFirstAndLast(lines, codeLines);
  if (between !== undefined) {
    const replaced = lines.slice(between.start, between.start + between.count);
    return edited('lines', [{ ...between, lines: reindent(clean, replaced, indentStyleOf(lines)) }]);
  }
  return edited('insert', [atCursor(lines, clean, hints.cursorLine)]);
}

/** Whole lines take the indent of the lines they replace; a part of a line is replaced as it stands. */
function overSelection(lines: readonly string[], code: string, selection: TextRange, eol: string): string {
  const { startLine, startCharacter, endLine, endCharacter } = selection;
  const before = (lines[startLine] ?? '').slice(0, startCharacter);
  // A selection of whole lines usually ends at the start of the line after them.
  const lastLine = endCharacter === 0 && endLine > startLine ? endLine - 1 : endLine;
  const after = lastLine < endLine ? '' : (lines[endLine] ?? '').slice(endCharacter);
  const style = indentStyleOf(lines);
  if (isBlank(before) && isBlank(after)) {
    const replaced = lines.slice(startLine, lastLine + 1);
    const edit = { start: startLine, count: replaced.length, lines: reindent(code, replaced, style) };
    return applyLineEdits(lines, [edit]).join(eol);
  }
  const lineEnd = lastLine < endLine ? '\n' : '';
  const middle = `${before}${code.trim()}${lineEnd}${(lines[endLine] ?? '').slice(endCharacter)}`;
  const count = endLine - startLine + 1;
  return applyLineEdits(lines, [{ start: startLine, count, lines: middle.split('\n') }]).join(eol);
}

/** Applies to a block that holds imports at most, comments, and one declaration whose name is in the file once. */
function overDeclaration(
  lines: readonly string[],
  code: readonly string[],
  symbols: readonly NamedRange[],
): LineEdit[] | undefined {
  const head = code.findIndex((line) => !isBlank(line) && !isImport(line) && !isLead(line));
  const name = declaredName(code[head] ?? '');
  if (name === undefined || blockEnd(code, head) !== code.length - 1) return undefined;
  const target = rangeOf(name, lines, symbols);
  if (target === undefined) return undefined;
  const imports = code.slice(0, head).filter(isImport);
  const lead = code.slice(0, head).filter(isLead);
  const start = lead.length > 0 ? withLead(lines, target.startLine) : target.startLine;
  const replaced = lines.slice(start, target.endLine + 1);
  const body = [
    ...lead,
    withExport(code[head] ?? '', lines[target.startLine] ?? ''),
    ...code.slice(head + 1),
  ];
  const edits = [
    { start, count: replaced.length, lines: reindent(body.join('\n'), replaced, indentStyleOf(lines)) },
  ];
  const missing = imports.filter((line) => !lines.some((own) => own.trim() === line.trim()));
  return missing.length === 0 ? edits : [{ start: importLine(lines), count: 0, lines: missing }, ...edits];
}

/** The lines of the one declaration of a name; undefined where there is none, or more than one. */
function rangeOf(
  name: string,
  lines: readonly string[],
  symbols: readonly NamedRange[],
): NamedRange | undefined {
  const known = symbols.filter((symbol) => symbol.name === name);
  const [symbol] = known;
  if (known.length > 1) return undefined;
  if (symbol !== undefined) {
    // Some providers count the comments above.
    let { startLine } = symbol;
    while (startLine < symbol.endLine && isLead(lines[startLine] ?? '')) startLine++;
    return { ...symbol, startLine };
  }
  const starts = lines.flatMap((line, index) => (declaredName(line) === name ? [index] : []));
  const [startLine] = starts;
  if (startLine === undefined || starts.length > 1) return undefined;
  return { name, startLine, endLine: blockEnd(lines, startLine) };
}

/** Small models drop `export`, which would break the callers. */
function withExport(line: string, original: string): string {
  const prefix = /^\s*(export\s+(?:default\s+)?)/.exec(original)?.[1];
  if (prefix === undefined || line.trimStart().startsWith('export')) return line;
  return indentOf(line) + prefix + line.trimStart();
}

/** Before the first import; without one, below what must stand first. */
function importLine(lines: readonly string[]): number {
  const first = lines.findIndex(isImport);
  if (first >= 0) return first;
  const start = lines.findIndex((line) => !isLead(line) && !/^(?:#!|package\b|['"]use strict)/.test(line));
  return Math.max(0, start);
}

/** The share of a file's lines with words that a block repeats in the same order, 0…1. */
function sharedLines(lines: readonly string[], code: readonly string[]): number {
  const own = lines.filter(hasWord).map((line) => line.trim());
  const changes = diffArrays(
    own,
    code.filter(hasWord).map((line) => line.trim()),
    { maxEditLength: 2000 },
  );
  if (changes === undefined || own.length < 2) return 0;
  const shared = changes.filter(({ added, removed }) => !added && !removed);
  return shared.reduce((sum, { count }) => sum + count, 0) / own.length;
}

/** Models shorten: `// ... rest of the code`. */
function hasElision(code: readonly string[]): boolean {
  return code.some(
    (line) =>
      /^\s*(?:\/\/|#|--|\/\*|<!--)?\s*(?:\.\.\.|…)/.test(line) || /\brest of (?:the|your)\b/.test(line),
  );
}

/** The lines from the one that equals the block's first to the nearest at the same indent that equals its last. */
function betweenFirstAndLast(
  lines: readonly string[],
  code: readonly string[],
): { start: number; count: number } | undefined {
  const first = code[0]?.trim() ?? '';
  const last = code.at(-1)?.trim() ?? '';
  const starts = lines.flatMap((line, index) => (line.trim() === first ? [index] : []));
  const [start] = starts;
  if (code.length < 3 || !hasWord(first) || start === undefined || starts.length > 1) return undefined;
  const shift = indentOf(lines[start] ?? '').length - indentOf(code[0] ?? '').length;
  const indent = indentOf(code.at(-1) ?? '').length + shift;
  const end = lines.findIndex(
    (line, index) => index > start && line.trim() === last && indentOf(line).length === indent,
  );
  return end < 0 ? undefined : { start, count: end - start + 1 };
}

/** In place of an empty line, else below the cursor's line. */
function atCursor(lines: readonly string[], code: string, cursorLine: number): LineEdit {
  const line = Math.min(Math.max(0, cursorLine), lines.length - 1);
  const own = lines[line] ?? '';
  const indented = reindent(code, [isBlank(own) ? `${own}.` : own], indentStyleOf(lines));
  return isBlank(own)
    ? { start: line, count: line === lines.length - 1 ? 0 : 1, lines: indented }
    : { start: line + 1, count: 0, lines: indented };
}
