import { isImport, isLead } from '../declarations';
import type { LineEdit } from '../lineEdit';
import { indentOf, isBlank } from '../textLines';
import { squeezed } from './passages';

/**
 * Edits that bring in what a piece of code imports and the file does not yet: behind the file's imports, or into the
 * line that imports from the same place. Undefined where two imports from one place cannot be put together for certain.
 */
export function importEdits(lines: readonly string[], imports: readonly string[]): LineEdit[] | undefined {
  const own = new Set(lines.map(importKey));
  const missing = imports.filter((line) => !own.has(importKey(line)));
  const edits: LineEdit[] = [];
  const added: string[] = [];
  for (const line of missing) {
    const from = source(line);
    const at =
      from === undefined ? -1 : lines.findIndex((each) => indentOf(each) === '' && source(each) === from);
    if (at < 0) {
      added.push(line.trimEnd());
      continue;
    }
    const merged = mergedNames(lines[at] ?? '', line);
    if (merged === undefined || edits.some(({ start }) => start === at)) return undefined;
    if (merged !== lines[at]) edits.push({ start: at, count: 1, lines: [merged] });
  }
  return added.length === 0 ? edits : [...edits, { start: importLine(lines), count: 0, lines: added }];
}

function importKey(line: string): string {
  return squeezed(line).replaceAll('"', "'").replace(/;$/, '');
}

/** The place that names are brought in from, where a line names several: `import { a } from 'b'`, `from b import a`. */
function source(line: string): string | undefined {
  return (
    /^import\s+(?:type\s+)?\{[^}]*\}\s+from\s+['"]([^'"]+)['"]/.exec(line)?.[1] ??
    /^from\s+(\S+)\s+import\s+[\w ,]+$/.exec(line)?.[1]
  );
}

function mergedNames(own: string, wanted: string): string | undefined {
  const braces = /\{([^}]*)\}/;
  const python = /\bimport\s+([\w ,]+)$/;
  const form = braces.test(own) ? braces : python;
  const ownList = form.exec(own)?.[1];
  const newList = form.exec(wanted)?.[1];
  if (
    ownList === undefined ||
    newList === undefined ||
    /^import\s+type\b/.test(own) !== /^import\s+type\b/.test(wanted)
  ) {
    return undefined;
  }
  const split = (list: string) =>
    list
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
  const names = split(ownList);
  const wantedNames = split(newList);
  const fresh = wantedNames.filter((name) => !names.includes(name));
  if (fresh.length === 0) return own;
  const isWhole = names.every((name) => wantedNames.includes(name));
  const all = (isWhole ? wantedNames : [...names, ...fresh]).join(', ');
  return own.replace(form, (whole) => whole.replace(ownList, () => (form === braces ? ` ${all} ` : all)));
}

/** Behind the first run of imports; without one, below what must stand first. */
function importLine(lines: readonly string[]): number {
  const first = lines.findIndex((line) => indentOf(line) === '' && isImport(line));
  if (first < 0) {
    const start = lines.findIndex(
      (line) => !isLead(line) && !/^(?:#!|package\b|namespace\b|<\?php|['"]use strict)/.test(line),
    );
    return Math.max(0, start);
  }
  let last = first;
  for (let line = first + 1; line < lines.length; line++) {
    const text = lines[line] ?? '';
    if (isImport(text) && indentOf(text) === '') last = line;
    else if (!isBlank(text)) break;
  }
  return last + 1;
}
