import { isBlank } from '../textLines';

/** A piece of an answer that may hold code. */
export interface AnswerBlock {
  /** What stands after the fence; '' without a fence. */
  readonly info: string;
  readonly lines: readonly string[];
  /** False where the answer ends within the block. */
  readonly closed: boolean;
  /** The prose since the block before, without blank lines. */
  readonly before: readonly string[];
}

interface OpenBlock {
  fence: string;
  indent: number;
  info: string;
  lines: string[];
  before: string[];
  /** Fences within, of which each is to be closed before the block is. */
  depth: number;
}

const opening = /^(\s*)(`{3,}|~{3,})\s*([^`]*)$/;
/** Models forget to begin a line: `Here it is: ```ts`. */
const lateOpening = /^[^`]*[^`\s]\s*(`{3,})([\w+#.-]*)$/;
const rawSearch = /^\s*<{5,}\s*(?:SEARCH|ORIGINAL|HEAD|OLD|FIND)?\b.*$/i;
const rawSearchEnd = /^\s*>{5,}/;
const rawDiff = /^(?:diff --git |@@ |\*\*\* (?:Begin Patch|Update File:|Add File:))/;
const markdown = /^(?:md|mdx|markdown|text|txt|plaintext)?$/i;

/**
 * The blocks of an answer in order: fenced ones, and edits that stand there without a fence. As in CommonMark a block
 * ends with a fence at least as long as its own, or with the answer; a fence with a language within a Markdown block
 * opens an inner one, elsewhere it tells that closing was forgotten.
 */
export function answerBlocks(answer: string): AnswerBlock[] {
  const lines = answer.split(/\r\n|\r|\n/);
  const blocks: AnswerBlock[] = [];
  let open: OpenBlock | undefined;
  let prose: string[] = [];
  const close = (closed: boolean) => {
    if (open === undefined) return;
    const { info, before } = open;
    blocks.push({ info, before, closed, lines: closed ? open.lines : withoutStuckFence(open.lines) });
    open = undefined;
    prose = [];
  };
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (open === undefined) {
      const start = startOf(line);
      if (start !== undefined) {
        open = { ...start, lines: [], before: prose, depth: 1 };
        continue;
      }
      const raw = rawEdit(lines, index);
      if (raw === undefined) {
        if (!isBlank(line)) prose.push(line.trim());
        continue;
      }
      blocks.push({ info: '', lines: lines.slice(index, raw.end), closed: raw.closed, before: prose });
      prose = [];
      index = raw.end - 1;
      continue;
    }
    const change = inSearch(open.lines, lines.slice(index))
      ? undefined
      : fenceWithin(line, open, lines.slice(index + 1));
    if (change === 'close') close(true);
    else if (change === 'reopen') {
      close(true);
      const start = startOf(line);
      if (start !== undefined) open = { ...start, lines: [], before: [], depth: 1 };
    } else {
      if (change === 'deeper') open.depth++;
      if (change === 'up') open.depth--;
      open.lines.push(withoutIndent(line, open.indent));
    }
  }
  close(false);
  return blocks;
}

function startOf(line: string): { fence: string; indent: number; info: string } | undefined {
  const start = opening.exec(line);
  if (start !== null) {
    return { fence: start[2] ?? '', indent: (start[1] ?? '').length, info: (start[3] ?? '').trim() };
  }
  const late = lateOpening.exec(line);
  return late === null ? undefined : { fence: late[1] ?? '', indent: 0, info: late[2] ?? '' };
}

/** Whether a search and replace pair is open, and is closed further down: fences in it are the file's. */
function inSearch(before: readonly string[], after: readonly string[]): boolean {
  const last = before.findLast((line) => rawSearch.test(line) || rawSearchEnd.test(line));
  if (last === undefined || rawSearchEnd.test(last)) return false;
  const next = after.find((line) => rawSearch.test(line) || rawSearchEnd.test(line));
  return next !== undefined && rawSearchEnd.test(next);
}

function fenceWithin(
  line: string,
  open: OpenBlock,
  after: readonly string[],
): 'close' | 'reopen' | 'deeper' | 'up' | undefined {
  const found = opening.exec(line);
  const [, space = '', fence = '', info = ''] = found ?? [];
  // A fence in a documentation comment stands deeper than the block's own.
  if (found === null || fence[0] !== open.fence[0] || space.length > open.indent + 3) return undefined;
  if (fence.length < open.fence.length) return undefined;
  const isMarkdown = markdown.test(open.info.split(/\s/)[0] ?? '');
  if (info.trim() !== '') {
    if (isMarkdown) return 'deeper';
    return fence.length === open.fence.length && /^[\w+#.-]+$/.test(info.trim()) ? 'reopen' : undefined;
  }
  if (open.depth > 1) return 'up';
  return isMarkdown && open.info !== '' && pairsUp(after) ? 'deeper' : 'close';
}

/** Whether so many bare fences follow that one more is needed to close what they leave open. */
function pairsUp(lines: readonly string[]): boolean {
  let bare = 0;
  let inner = 0;
  for (const line of lines) {
    const found = opening.exec(line);
    if (found === null) continue;
    if ((found[3] ?? '').trim() !== '') inner++;
    else if (inner > 0) inner--;
    else bare++;
  }
  return bare > 0 && bare % 2 === 0;
}

/** Where an edit without a fence ends; undefined where none starts. */
function rawEdit(lines: readonly string[], start: number): { end: number; closed: boolean } | undefined {
  const line = lines[start] ?? '';
  if (rawSearch.test(line)) {
    let end = start + 1;
    while (end < lines.length && !rawSearchEnd.test(lines[end] ?? '')) end++;
    return { end: Math.min(end + 1, lines.length), closed: end < lines.length };
  }
  const isHeader = /^--- \S/.test(line) && /^\+\+\+ \S/.test(lines[start + 1] ?? '');
  if (!rawDiff.test(line) && !isHeader) return undefined;
  let end = start + 1;
  while (end < lines.length && /^(?:[ +\-@\\]|\*\*\* |diff |index |$)/.test(lines[end] ?? '')) end++;
  while (end > start + 1 && isBlank(lines[end - 1] ?? '')) end--;
  return { end, closed: end < lines.length };
}

/** A block within a list is indented as its fence is. */
function withoutIndent(line: string, width: number): string {
  let taken = 0;
  while (taken < width && line[taken] === ' ') taken++;
  return line.slice(taken);
}

/** The end of a block is now and then written behind its last line. */
function withoutStuckFence(lines: readonly string[]): string[] {
  const last = lines.findLastIndex((line) => !isBlank(line));
  return lines.map((line, index) => (index === last ? line.replace(/(\S)\s*`{3,}$/, '$1') : line));
}
