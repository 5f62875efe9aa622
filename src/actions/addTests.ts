import { blockEnd, isImport } from '../edit/declarations';
import { indentStyleOf, reindent } from '../edit/indentation';
import { indentOf, joinLines, parseLines, withoutOuterBlanks } from '../edit/textLines';

/** Languages whose tests are members of a class: new ones belong before its end. */
const inClass = new Set(['java', 'csharp', 'php']);

/**
 * A file of tests with more of them at its end, or at the end of its class. Imports that it has are left out.
 * @param added as a model wrote it
 */
export function addTests(existing: string, added: string, languageId: string): string {
  const { lines, eol } = parseLines(existing);
  const known = new Set(lines.filter(isImport).map((line) => line.trim()));
  const fresh = withoutOuterBlanks(parseLines(added).lines.filter((line) => !known.has(line.trim())));
  const place = inClass.has(languageId) && !fresh.some(declaresClass) ? lastClass(lines) : undefined;
  if (place === undefined) {
    const before = withoutOuterBlanks(lines);
    const gap = before.length === 0 ? [] : [''];
    return joinLines({ lines: [...before, ...gap, ...fresh, ''], eol });
  }
  const { start, end } = place;
  const style = indentStyleOf(lines);
  const unit = style.kind === 'tabs' ? '\t' : ' '.repeat(style.width);
  const members = reindent(fresh.join('\n'), [`${indentOf(lines[start] ?? '')}${unit}member`], style);
  return joinLines({ lines: [...lines.slice(0, end), '', ...members, ...lines.slice(end)], eol });
}

/** The lines that declare and close the last of the outer classes; undefined where there is none with a block. */
function lastClass(lines: readonly string[]): { start: number; end: number } | undefined {
  const heads = lines.flatMap((line, start) => (declaresClass(line) ? [start] : []));
  const indent = (start: number) => indentOf(lines[start] ?? '').length;
  const start = heads.findLast((head) => heads.every((other) => indent(head) <= indent(other)));
  if (start === undefined) return undefined;
  const end = blockEnd(lines, start);
  return /^\s*\}/.test(lines[end] ?? '') ? { start, end } : undefined;
}

function declaresClass(line: string): boolean {
  return /^\s*(?:(?:public|protected|private|internal|final|abstract|sealed|static|partial|readonly)\s+)*class\s/.test(
    line,
  );
}
