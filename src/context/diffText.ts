import { keyMark, mayHoldSecret, withoutKeys } from './secrets';

export interface SafeDiff {
  text: string;
  /** Paths whose changes were left out. */
  leftOut: string[];
}

/** A diff of git's, with the prefixes a/ and b/, without the files that may hold secrets, and without private keys. */
export function safeDiff(diff: string): SafeDiff {
  const leftOut: string[] = [];
  const kept = sections(diff).filter((section) => {
    const paths = pathsOf(section);
    // What is of no known file may be of any.
    const secret = paths.length === 0 ? [firstLine(section)] : paths.filter(mayHoldSecret);
    leftOut.push(...secret.slice(-1));
    return secret.length === 0;
  });
  return { text: withoutKeys(kept.join(''), keyMark), leftOut };
}

function sections(diff: string): string[] {
  return diff.split(/^(?=diff --git )/m).filter((section) => section.startsWith('diff --git '));
}

/** Of the header alone: a line of a hunk may look like anything. */
function pathsOf(section: string): string[] {
  const head = section.split(/^@@ /m, 1)[0] ?? section;
  const named = [
    ...head.matchAll(/^(?:--- "?a\/|\+\+\+ "?b\/|rename (?:from|to) |copy (?:from|to) )(.+?)\t?$/gm),
  ];
  const first = /^diff --git "?a\/(.+) "?b\/(.+)$/m.exec(head);
  return [...(first ? [first[1] ?? '', first[2] ?? ''] : []), ...named.map(([, path]) => path ?? '')].map(
    unquoted,
  );
}

function firstLine(section: string): string {
  return section.split('\n', 1)[0] ?? '';
}

function unquoted(path: string): string {
  return path.replace(/^"|"$/g, '');
}
