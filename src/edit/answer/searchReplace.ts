import { isBlank } from '../textLines';
import { asPath, pathInComment, pathInProse } from './fileNames';

export interface Reading {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Counts only where the others fit nowhere. */
  readonly isLast?: true;
}

/** Lines that a model wants replaced, and what it wants in their place. */
export interface PassageEdit {
  readonly path: string | undefined;
  /** Usually one. More where the text can be read in several ways, of which one will fit the file. */
  readonly readings: readonly Reading[];
  /** Where the answer says that the lines begin, 0-based. */
  readonly line?: number;
  /** As the model wrote it. */
  readonly code: string;
}

const start = /^\s*(?:<{5,}\s*(.*)|-{5,}\s*(?:SEARCH|ORIGINAL|OLD)\b\s*:?\s*(.*))$/i;
const middle = /^\s*={5,}\s*$/;
const end = /^\s*(?:>{5,}.*|\+{5,}\s*(?:REPLACE|UPDATED|NEW)\b.*)$/i;
const word = /^(?:SEARCH|ORIGINAL|HEAD|OLD|FIND)\b\s*:?\s*/i;

const labels: readonly (readonly [RegExp, RegExp])[] = [
  [/^\s*<(?:search|old|original|find)>\s*$/i, /^\s*<(?:replace|new|updated|replacement)>\s*$/i],
  [/^\W*(?:SEARCH|FIND)\W*$/, /^\W*(?:REPLACE|REPLACE WITH|WITH)\W*$/],
  [/^\W*(?:OLD|BEFORE|ORIGINAL)\s*:\W*$/, /^\W*(?:NEW|AFTER|UPDATED|REPLACEMENT)\s*:\W*$/],
];

/** Whether a block is a list of search and replace pairs. */
export function isSearchReplace(lines: readonly string[]): boolean {
  return lines.some((line) => start.test(line))
    ? lines.some((line) => middle.test(line) || end.test(line))
    : labelled(lines);
}

/**
 * The pairs of a block in order. A pair without its end goes to the next one, or to the end of the block; of several
 * dividing lines any may be the one, since Markdown underlines with the same signs.
 * @param whole false while the block grows: its last pair counts only when it is closed
 */
export function searchReplaceEdits(
  lines: readonly string[],
  path: string | undefined,
  whole = true,
): PassageEdit[] {
  if (!lines.some((line) => start.test(line))) return labelledEdits(lines, path, whole);
  const edits: PassageEdit[] = [];
  let name = path;
  for (let index = 0; index < lines.length; index++) {
    const head = start.exec(lines[index] ?? '');
    if (head === null) {
      name = pathInComment(lines[index] ?? '') ?? pathInProse(lines[index] ?? '') ?? name;
      continue;
    }
    name = asPath((head[1] ?? head[2] ?? '').replace(word, '')) ?? name;
    let close = index + 1;
    while (close < lines.length && !end.test(lines[close] ?? '') && !start.test(lines[close] ?? '')) close++;
    if (close >= lines.length && !whole) break;
    const body = lines.slice(index + 1, close);
    edits.push({
      path: name,
      readings: readingsOf(body, end.test(lines[close] ?? '')),
      code: body.join('\n'),
    });
    index = start.test(lines[close] ?? '') ? close - 1 : close;
  }
  return edits;
}

function readingsOf(body: readonly string[], ended: boolean): Reading[] {
  let dividers = body.flatMap((line, index) => (middle.test(line) ? [index] : []));
  // A divider in place of the end.
  const last = body.findLastIndex((line) => !isBlank(line));
  let until = body.length;
  if (!ended && dividers.length > 1 && dividers.at(-1) === last) {
    until = last;
    dividers = dividers.slice(0, -1);
  }
  // The base of a three-way conflict is no side of an edit.
  if (body.some((line) => /^\|{5,}/.test(line))) return [];
  // The most that the file has is what is searched.
  return dividers.toReversed().flatMap((at) => withoutFences(body.slice(0, at), body.slice(at + 1, until)));
}

/** Within the signs the code is now and then fenced again; or the file has these fences. */
function withoutFences(before: readonly string[], after: readonly string[]): Reading[] {
  const bare = { before: withoutFence(before), after: withoutFence(after) };
  const isFenced = bare.before.length < before.length || bare.after.length < after.length;
  return [{ before, after }, ...(isFenced ? [{ ...bare, isLast: true as const }] : [])];
}

function withoutFence(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => !isBlank(line));
  const last = lines.findLastIndex((line) => !isBlank(line));
  const isFence = (line: string | undefined) => /^\s*(?:`{3,}|~{3,})[\w+#.-]*\s*$/.test(line ?? '');
  return first < last && isFence(lines[first]) && isFence(lines[last]) ? lines.slice(first + 1, last) : lines;
}

function labelled(lines: readonly string[]): boolean {
  return labels.some(([from, to]) => {
    const at = lines.findIndex((line) => from.test(line));
    return at >= 0 && lines.slice(at + 1).some((line) => to.test(line));
  });
}

function labelledEdits(lines: readonly string[], path: string | undefined, whole: boolean): PassageEdit[] {
  const form = labels.find(([from, to]) => {
    const at = lines.findIndex((line) => from.test(line));
    return at >= 0 && lines.slice(at + 1).some((line) => to.test(line));
  });
  if (form === undefined) return [];
  const [from, to] = form;
  const edits: PassageEdit[] = [];
  let side: 'before' | 'after' | undefined;
  let pair = { before: [] as string[], after: [] as string[] };
  const close = () => {
    if (side === 'after') {
      const readings = withoutFences(pair.before, pair.after);
      edits.push({ path, readings, code: [...pair.before, ...pair.after].join('\n') });
    }
    pair = { before: [], after: [] };
  };
  for (const line of lines) {
    if (from.test(line)) {
      close();
      side = 'before';
    } else if (side === 'before' && to.test(line)) side = 'after';
    else if (/^\s*<\/(?:search|old|original|find)>\s*$/i.test(line)) continue;
    else if (/^\s*<\/(?:replace|new|updated|replacement)>\s*$/i.test(line)) {
      close();
      side = undefined;
    } else if (side !== undefined) pair[side].push(line);
  }
  if (whole) close();
  return edits;
}
