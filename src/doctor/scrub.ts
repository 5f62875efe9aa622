/**
 * Cuts every path in a text to its file name, and addresses on the network to their host. Folders that are known are
 * found whatever characters they hold; others by their shape. Where a path may hold blanks, more of the line goes than
 * need be: a report may lose a word, but not tell where somebody keeps things.
 * @param folders absolute paths that may not be told
 */
export function scrubPaths(text: string, folders: readonly string[]): string {
  const known = [...new Set(folders.map((folder) => folder.replace(/[\\/]+$/, '')))]
    // A root is no secret, and would match everywhere.
    .filter((folder) => folder.length > 2 && /[\\/]/.test(folder))
    .sort((a, b) => b.length - a.length);
  let scrubbed = text;
  for (const folder of known) {
    // Either separator may stand in it, doubled where the text was quoted; Windows minds no case.
    const pattern = folder
      .split(/[\\/]+/)
      .map(escapeRegExp)
      .join('[\\\\/]+');
    scrubbed = scrubbed.replace(new RegExp(`${pattern}(?![\\p{L}\\p{N}_-])`, 'giu'), '/…');
  }
  return scrubbed
    .replace(address, '$1$2')
    .replace(personalPath, '$1')
    .replace(absolutePath, (_, before: string, path: string) => before + fileName(path));
}

const address = /\b(https?:\/\/)(?:[^\s/@]*@)?([^\s/?#"'`<>]+)[^\s"'`<>]*/gi;

/** Where people keep things, or a drive or share of Windows: all up to the last separator, blanks included. */
const personalPath =
  /(^|[^\p{L}\p{N}])(?:[A-Za-z]:[\\/]|\\\\|~[\\/]|\/…[\\/]|\/(?:home|Users|root|mnt|media|run|Volumes)\/)(?:[^"'`<>|:\n]*[\\/])?/gu;

/** Any other: names up to a blank or a quote. Not within a word, so that "and/or" and "tok/s" stay. */
const absolutePath = /(^|[^\p{L}\p{N}\\/:])((?:file:\/*)?\/[^\s"'`<>|]+)/gu;

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? '';
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
