import { diffArrays } from 'diff';
import type { LineEdit } from '../lineEdit';
import { indentOf, isBlank } from '../textLines';

/**
 * The changed stretches between two versions of lines. A difference in trailing white space alone is none, and blank
 * lines that are only gone were lost, not meant.
 */
export function editsBetween(own: readonly string[], next: readonly string[], offset: number): LineEdit[] {
  const changes = diffArrays(
    own.map((line) => line.trimEnd()),
    next.map((line) => line.trimEnd()),
  );
  const edits: LineEdit[] = [];
  let line = 0;
  let at = 0;
  let open: { start: number; count: number; lines: string[] } | undefined;
  const close = () => {
    if (open === undefined) return;
    const gone = own.slice(open.start, open.start + open.count);
    if (open.lines.length > 0 || !gone.every(isBlank)) edits.push({ ...open, start: open.start + offset });
    open = undefined;
  };
  for (const { added, removed, count } of changes) {
    if (!added && !removed) {
      close();
      line += count;
      at += count;
      continue;
    }
    open ??= { start: line, count: 0, lines: [] };
    if (removed) {
      open.count += count;
      line += count;
    } else {
      open.lines.push(...next.slice(at, at + count));
      at += count;
    }
  }
  close();
  return edits;
}

/** Small models drop `export`, which would break the callers. */
export function withExports(next: readonly string[], own: readonly string[]): string[] {
  const exported = new Map(
    own.flatMap((line) => {
      const found = /^(\s*)(export\s+(?:default\s+)?)(.*)$/.exec(line);
      return found === null ? [] : [[headKey(`${found[1] ?? ''}${found[3] ?? ''}`), found[2] ?? ''] as const];
    }),
  );
  return next.map((line) => {
    const prefix = exported.get(headKey(line));
    return prefix === undefined || /^\s*export\b/.test(line)
      ? line
      : indentOf(line) + prefix + line.trimStart();
  });
}

function headKey(line: string): string {
  const found = /^(\s*(?:async\s+)?(?:function\*?|class|interface|enum|type|const|let|var)\s+[\w$]+)/.exec(
    line,
  );
  return found?.[1] ?? `\0${line}`;
}
