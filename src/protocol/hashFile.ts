/**
 * The SHA-256 of a model beside it, as a download leaves it: `<file>.sha256`, in the form that `sha256sum` writes and
 * checks.
 */

export function hashFileOf(file: string): string {
  return `${file}.sha256`;
}

/** @param sha256 lower-case hexadecimal */
export function formatHashFile(sha256: string, fileName: string): string {
  return `${sha256}  ${fileName}\n`;
}

/** Lower-case hexadecimal; undefined where the text is none. */
export function parseHashFile(text: string): string | undefined {
  return /^\\?([0-9a-f]{64})(?:\s|$)/i.exec(text)?.[1]?.toLowerCase();
}
