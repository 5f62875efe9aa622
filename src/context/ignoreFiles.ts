import ignore, { type Ignore } from 'ignore';

/** One .gitignore: its folder, relative to the root ('' for the root itself), and its text. */
export interface IgnoreFile {
  folder: string;
  text: string;
}

/**
 * Whether `path` is ignored by the .gitignore files of a tree. Deeper files win, and what is below an ignored folder
 * is ignored whatever a file in it says, as git has it. Paths with "/", relative to the root.
 */
export function ignoredBy(files: readonly IgnoreFile[]): (path: string) => boolean {
  const rules = files
    .map(({ folder, text }) => ({ folder, rules: ignore().add(text) }))
    .sort((a, b) => b.folder.length - a.folder.length);
  const known = new Map<string, boolean>();
  const folderIgnored = (folder: string): boolean => {
    if (folder === '') return false;
    const before = known.get(folder);
    if (before !== undefined) return before;
    const result = folderIgnored(parentOf(folder)) || ruled(rules, `${folder}/`);
    known.set(folder, result);
    return result;
  };
  return (path) => path.split('/').includes('.git') || folderIgnored(parentOf(path)) || ruled(rules, path);
}

/** The deepest file that says anything of a path decides. */
function ruled(rules: readonly { folder: string; rules: Ignore }[], path: string): boolean {
  for (const { folder, rules: own } of rules) {
    if (folder !== '' && !path.startsWith(`${folder}/`)) continue;
    const relative = folder === '' ? path : path.slice(folder.length + 1);
    if (relative === '' || relative === '/') continue;
    const { ignored, unignored } = own.test(relative);
    if (ignored || unignored) return ignored;
  }
  return false;
}

function parentOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '' : path.slice(0, at);
}
