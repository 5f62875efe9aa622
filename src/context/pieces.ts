/** The line above a file's text where several files are one attachment. */
export function fileHeading(path: string): string {
  return `===== ${path} =====`;
}

/** The path that such a line names; undefined: it is none. */
export function headedPath(line: string): string | undefined {
  return /^===== (.+) =====$/.exec(line)?.[1];
}
