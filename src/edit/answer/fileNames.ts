const ending = '\\.[A-Za-z][\\w+-]{0,9}';
const pathText = `(?:[A-Za-z]:)?[\\\\/]?(?:[\\w@+.()[\\]-]+[\\\\/])*[\\w@+.()[\\]-]*\\w${ending}`;
const wholePath = new RegExp(`^${pathText}$`);
const bareNames = /^(?:[\w.-]+\/)*(?:Makefile|Dockerfile|Gemfile|Rakefile|Jenkinsfile)$/;

/** A path in one form: slashes, no leading `./`, `a/` or `b/` of a diff. Undefined where it is none. */
export function asPath(text: string, ofDiff = false): string | undefined {
  const bare = text.trim().replace(/^["'`*]+|["'`*,:]+$/g, '');
  if (!wholePath.test(bare) && !bareNames.test(bare)) return undefined;
  const slashed = bare.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  return ofDiff ? slashed.replace(/^[ab]\//, '') : slashed;
}

/** The path in what stands after a fence: `ts src/a.ts`, `src/a.ts`, `ts:src/a.ts`, `ts title="src/a.ts"`. */
export function pathInInfo(info: string): string | undefined {
  for (const word of info.split(/\s+/)) {
    const value = /^[\w-]+=(.+)$/.exec(word)?.[1] ?? word;
    const path = asPath(value.replace(/^[{(]|[})]$/g, '')) ?? asPath(value.replace(/^[\w+#-]+:/, ''));
    if (path !== undefined) return path;
  }
  return undefined;
}

/** The path that a line of prose above a block names it by: alone, as a heading, in bold, behind "File:". */
export function pathInProse(line: string): string | undefined {
  const text = line
    .replace(/^(?:#+|[-*]|\d+[.)])\s+/, '')
    .replace(
      /^[*_]*(?:file(?:name| path)?|path|in|update|updated|edit|new file|create)\b[*_]*\s*:?[*_]*\s*/i,
      '',
    )
    .replace(/\s*\((?:new|new file|updated|modified|changed)\)\s*(?=[:*`]*$)/i, '')
    .trim();
  return asPath(text);
}

/** The path in a comment that is all of a line: `// src/a.ts`, `# a.py`, `<!-- a.html -->`. */
export function pathInComment(line: string): string | undefined {
  const found =
    /^\s*(?:\/\/+|#+|--|\/\*+|<!--|;+|%)\s*(?:file(?:name)?\s*:\s*)?(\S+)\s*(?:\*\/|-->)?\s*$/i.exec(line);
  return found === null ? undefined : asPath(found[1] ?? '');
}

/** The language that a fence names, in lower case; '' where it names a file or nothing. */
export function languageInInfo(info: string): string {
  const first = (info.split(/\s+/)[0] ?? '').replace(/^\{?\.?/, '').replace(/\}$/, '');
  const word = asPath(first) === undefined ? first : (/^([\w+#-]+):/.exec(first)?.[1] ?? '');
  return word.split(/[:{,]/)[0]?.toLowerCase() ?? '';
}

/**
 * Which of the shown files a path means: the one that it equals or ends alike with. Undefined where it is none of them,
 * or not certain which.
 */
export function fileOfPath<T extends { readonly path: string }>(
  path: string,
  shown: readonly T[],
): T | undefined {
  const wanted = path.replace(/^\/+/, '');
  const known = shown.map((file) => ({ file, own: file.path.replaceAll('\\', '/').replace(/^\.?\/+/, '') }));
  const same = known.filter(({ own }) => own === wanted);
  const alike = known.filter(({ own }) => own.endsWith(`/${wanted}`) || wanted.endsWith(`/${own}`));
  const found = same.length > 0 ? same : alike;
  return found.length === 1 ? found[0]?.file : undefined;
}

/** Whether a new file may have this path: relative, within the folder, not git's own. */
export function isSafeNewPath(path: string): boolean {
  if (/^(?:[\\/~]|[A-Za-z]:)/.test(path)) return false;
  const parts = path.split('/');
  return !parts.some((part) => part === '..' || part === '.' || part === '' || part.toLowerCase() === '.git');
}
