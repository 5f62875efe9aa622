import { isBlank, withoutOuterBlanks } from '../textLines';
import { squeezed } from './passages';
import { asPath } from './fileNames';
import type { PassageEdit } from './searchReplace';

/** What a diff says of one file, beside its passages. */
export type DiffEdit =
  | { kind: 'passage'; edit: PassageEdit }
  | { kind: 'newFile'; path: string; lines: readonly string[]; code: string }
  /** A file removed or renamed: not ours to do. */
  | { kind: 'other'; path: string | undefined; code: string };

const hunkHead = /^@@+(?:\s*-(\d+)(?:,\d+)?\s+\+(\d+)(?:,\d+)?\s*@@)?(.*)$/;

/** Whether a block is a unified diff, with or without its headers. */
export function isDiff(language: string, lines: readonly string[], fileLines: readonly string[]): boolean {
  const marked = lines.filter((line) => /^[+-]/.test(line));
  if (marked.length === 0) return lines.some((line) => /^\*\*\* (?:Delete File|Add File):/.test(line));
  if (/^(?:diff|patch|udiff)$/.test(language)) return true;
  if (lines.some((line) => /^@@/.test(line) || /^\*\*\* (?:Begin Patch|Update File:|Add File:)/.test(line)))
    return true;
  if (lines.some((line, index) => /^--- \S/.test(line) && /^\+\+\+ \S/.test(lines[index + 1] ?? '')))
    return true;
  // Lists and options begin with the same signs: what goes must be in the file without its sign, and not with it.
  const own = new Set(fileLines.map(squeezed));
  const gone = lines.filter((line) => /^-\s*\S/.test(line));
  const come = lines.filter((line) => /^\+\s*\S/.test(line));
  const isRemoval = (line: string) => own.has(squeezed(line.slice(1))) && !own.has(squeezed(line));
  return (
    gone.length > 0 &&
    come.length > 0 &&
    gone.every(isRemoval) &&
    !come.some((line) => own.has(squeezed(line)))
  );
}

interface Hunk {
  lines: string[];
  line: number | undefined;
}

/**
 * The hunks of a diff. Line numbers and counts are not relied on; hunks without a head, context without its leading
 * space and a space behind the sign are understood.
 * @param whole false while the block grows: its last hunk may not be whole yet
 */
export function diffEdits(lines: readonly string[], path: string | undefined, whole = true): DiffEdit[] {
  const edits: DiffEdit[] = [];
  let name = path;
  let isNew = false;
  let hunk: Hunk = { lines: [], line: undefined };
  const close = () => {
    const { lines: body, line } = hunk;
    hunk = { lines: [], line: undefined };
    if (!body.some((each) => /^[+-]/.test(each))) return;
    const code = body.join('\n');
    if (isNew && name !== undefined) {
      const added = body.filter((each) => each.startsWith('+')).map((each) => each.slice(1));
      edits.push({ kind: 'newFile', path: name, lines: added, code });
      return;
    }
    const readings = readingsOf(body);
    edits.push({
      kind: 'passage',
      edit: { path: name, readings, code, ...(line !== undefined && { line }) },
    });
  };
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const next = lines[index + 1] ?? '';
    const patch = /^\*\*\* (Update|Add|Delete) File:\s*(.+)$/.exec(line);
    const head = hunkHead.exec(line);
    if (patch !== null) {
      close();
      name = asPath(patch[2] ?? '') ?? patch[2]?.trim();
      isNew = patch[1] === 'Add';
      if (patch[1] === 'Delete') edits.push({ kind: 'other', path: name, code: line });
    } else if (/^--- \S/.test(line) && /^\+\+\+ \S/.test(next)) {
      close();
      const from = headerPath(line);
      const to = headerPath(next);
      isNew = from === null;
      if (to === null) {
        edits.push({ kind: 'other', path: from ?? undefined, code: `${line}\n${next}` });
        name = undefined;
        while (index + 1 < lines.length && !/^(?:diff |--- )/.test(lines[index + 2] ?? 'diff ')) index++;
      } else name = to ?? from ?? name;
      index++;
    } else if (
      /^(?:diff --git |index [0-9a-f]|new file mode|old mode|new mode|similarity |\*\*\* (?:Begin|End) Patch|\*\*\* End of File)/.test(
        line,
      )
    ) {
      if (line.startsWith('diff')) close();
    } else if (/^(?:rename (?:from|to)|deleted file mode|\*\*\* Move to:)/.test(line)) {
      edits.push({ kind: 'other', path: name, code: line });
    } else if (head !== null) {
      close();
      const at = head[1] === undefined ? undefined : Number(head[1]) - 1;
      hunk = { lines: [], line: at };
    } else if (/^\s*(?:\.{3}|…)\s*$/.test(line)) {
      close();
    } else if (!line.startsWith('\\')) {
      hunk.lines.push(line);
    }
  }
  if (whole) close();
  return joinedNewFiles(edits);
}

function joinedNewFiles(edits: readonly DiffEdit[]): DiffEdit[] {
  const result: DiffEdit[] = [];
  for (const edit of edits) {
    const last = result.at(-1);
    if (edit.kind === 'newFile' && last?.kind === 'newFile' && last.path === edit.path) {
      result[result.length - 1] = { ...last, lines: [...last.lines, ...edit.lines] };
    } else result.push(edit);
  }
  return result;
}

/** null: /dev/null. undefined: no path. */
function headerPath(line: string): string | null | undefined {
  const text = line.slice(4).split('\t')[0]?.trim() ?? '';
  return text === '/dev/null' ? null : asPath(text, true);
}

type Strip = (line: string, sign: boolean) => string;

/** Ways to read a hunk, the proper one first. */
const strips: readonly Strip[] = [
  (line, sign) => (sign || line.startsWith(' ') ? line.slice(1) : line),
  // Context without its leading space.
  (line, sign) => (sign ? line.slice(1) : line),
  // A space behind the sign, and two before the context.
  (line, sign) => (sign ? line.slice(1).replace(/^ /, '') : line.replace(/^ {1,2}/, '')),
  // The same, and context as it stands.
  (line, sign) => (sign ? line.slice(1).replace(/^ /, '') : line),
  // The sign over the first space of the indent.
  (line, sign) => (sign ? line.replace(/^./, ' ') : line),
];

function readingsOf(body: readonly string[]): { before: string[]; after: string[] }[] {
  const trimmed = withoutOuterBlanks(body);
  const seen = new Set<string>();
  return strips.flatMap((strip) => {
    const before: string[] = [];
    const after: string[] = [];
    for (const line of trimmed) {
      const sign = /^[+-]/.test(line);
      const text = isBlank(line) ? '' : strip(line, sign);
      if (!line.startsWith('+')) before.push(text);
      if (!line.startsWith('-')) after.push(text);
    }
    const key = JSON.stringify([before, after]);
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ before, after }];
  });
}
