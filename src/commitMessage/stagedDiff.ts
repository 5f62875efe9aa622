/** What changed in one file, as git tells it. */
export interface FileDiff {
  /** In the repository, with slashes; the new one of a moved file. */
  readonly path: string;
  /** Both of a moved or copied file. */
  readonly paths: readonly string[];
  /** With git's own head, without a final line end. */
  readonly text: string;
}

/** Splits a diff of git by its files. undefined where it is not git's own form: another program or colors are set. */
export function diffsByFile(diff: string): FileDiff[] | undefined {
  const text = diff.replaceAll('\r\n', '\n').replaceAll(unmerged, '').trimEnd();
  if (text === '') return [];
  const files = text.split(/^(?=diff --git |Submodule )/m);
  if (!files.every(isOfGit)) return undefined;
  return files.map((each) => ({ ...pathsOf(each), text: each.trimEnd() }));
}

const unmerged = /^\* Unmerged path .*\n?/gm;

/** Below each file's head git writes hunks alone. */
function isOfGit(text: string): boolean {
  if (text.startsWith('Submodule ')) return true;
  const body = text.split(/^(?=@@ )/m).slice(1);
  return (
    text.startsWith('diff --git ') &&
    body
      .join('')
      .split('\n')
      .every((line) => /^(?:$|[-+ @\\])/.test(line))
  );
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

function pathsOf(text: string): { path: string; paths: string[] } {
  const head = text.split('\n@@')[0] ?? '';
  const named = (line: RegExp): string[] =>
    [...head.matchAll(line)].map(([, name = '']) => name.replace(prefix, ''));
  const old = named(/^--- (?!\/dev\/null)"?(.*?)"?\t?$/gm);
  const after = named(/^\+\+\+ (?!\/dev\/null)"?(.*?)"?\t?$/gm);
  const moved = [...head.matchAll(/^(?:rename|copy) (?:from|to) "?(.*?)"?$/gm)].map(([, name = '']) => name);
  const submodule = named(/^Submodule (.+?) [0-9a-f]+\.{2,3}[0-9a-f]+/gm);
  // Binary files and changed modes have no such lines; both halves name the same path there.
  const both = head.slice('diff --git '.length).split('\n')[0] ?? '';
  const half = both.slice((both.length + 1) / 2).replaceAll('"', '');
  const found = [...old, ...moved, ...after, ...submodule];
  const paths = found.length > 0 ? found : [half.replace(prefix, '')];
  return { path: paths.at(-1) ?? '', paths };
}
