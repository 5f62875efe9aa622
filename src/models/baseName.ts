/** The last part of a path of either kind. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
