/** What changed in one file, as git tells it. */
export interface FileDiff {
  /** In the repository, with slashes; the new one of a moved file. */
  readonly path: string;
  /** With git's own head, without a final line end. */
  readonly text: string;
}

/** Splits a diff of git by its files. What is not git's own form (of another diff program) stays one piece. */
export function diffsByFile(diff: string): FileDiff[] {
  const text = diff.replaceAll('\r\n', '\n').trimEnd();
  if (text === '') return [];
  const files = text.split(/^(?=diff --git )/m).filter((each) => each.startsWith('diff --git '));
  if (files.length === 0) return [{ path: '', text }];
  return files.map((each) => ({ path: pathOf(each), text: each.trimEnd() }));
}

/** Lines of the head that say nothing about the change. */
const plumbing = /^(?:index [0-9a-f]+\.\.|similarity index |dissimilarity index )/;

/** A diff without what only git needs, shorter by some ten tokens. */
export function withoutPlumbing(text: string): string {
  const lines = text.split('\n');
  const body = lines.findIndex((line) => line.startsWith('@@'));
  const end = body < 0 ? lines.length : body;
  return lines.filter((line, index) => index >= end || !plumbing.test(line)).join('\n');
}

/** The lines of a diff that name its file, without any content. */
export function headOf(text: string): string {
  const lines = withoutPlumbing(text).split('\n');
  const body = lines.findIndex((line) => line.startsWith('@@'));
  return lines.slice(0, body < 0 ? undefined : body).join('\n');
}

/** Prefixes as git writes them by its settings: `a/`, `b/`, mnemonic ones, or none. */
const prefix = /^[abciwo]\//;

function pathOf(text: string): string {
  const head = text.split('\n@@')[0] ?? '';
  const after = /^\+\+\+ (?!\/dev\/null)"?(.*?)"?\t?$/m.exec(head)?.[1];
  const named = after ?? /^--- (?!\/dev\/null)"?(.*?)"?\t?$/m.exec(head)?.[1];
  if (named !== undefined) return named.replace(prefix, '');
  const moved = /^rename to "?(.*?)"?$/m.exec(head)?.[1];
  if (moved !== undefined) return moved;
  // Binary files and changed modes have no such lines; both halves name the same path there.
  const both = head.slice('diff --git '.length).split('\n')[0] ?? '';
  const half = both.slice((both.length + 1) / 2).replaceAll('"', '');
  return half.replace(prefix, '');
}
