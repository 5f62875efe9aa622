import { isImport } from '../edit/declarations';
import { isBlank, joinLines, parseLines } from '../edit/textLines';

/** Languages whose tests are members of a class: new ones belong before its end. */
const inClass = new Set(['java', 'csharp', 'php']);

/**
 * A file of tests with more of them at its end, or at the end of its class. Imports that it has are left out.
 * @param added as a model wrote it
 */
export function addTests(existing: string, added: string, languageId: string): string {
  const { lines, eol } = parseLines(existing);
  const known = new Set(lines.filter(isImport).map((line) => line.trim()));
  const fresh = trimBlank(parseLines(added).lines.filter((line) => !known.has(line.trim())));
  const end = inClass.has(languageId) && !fresh.some(declaresClass) ? classEnd(lines) : -1;
  if (end < 0) {
    const before = trimBlank(lines);
    const gap = before.length === 0 ? [] : [''];
    return joinLines({ lines: [...before, ...gap, ...fresh, ''], eol });
  }
  const indent = /^\s*/.exec(lines[end - 1] ?? '')?.[0] ?? '';
  const unit = indent.startsWith('\t') ? '\t' : '    ';
  const base = Math.min(...fresh.filter((line) => !isBlank(line)).map((line) => indentWidth(line)));
  const members = fresh.map((line) => (isBlank(line) ? '' : unit + line.slice(base)));
  return joinLines({ lines: [...lines.slice(0, end), '', ...members, ...lines.slice(end)], eol });
}

/** The line that closes the last class; -1: none. */
function classEnd(lines: readonly string[]): number {
  return lines.findLastIndex((line) => /^\}\s*$/.test(line));
}

function declaresClass(line: string): boolean {
  return /^\s*(?:(?:public|internal|final|abstract|sealed)\s+)*class\s/.test(line);
}

function indentWidth(line: string): number {
  return /^\s*/.exec(line)?.[0].length ?? 0;
}

function trimBlank(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => !isBlank(line));
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex((line) => !isBlank(line)) + 1);
}
