export type Link =
  | { kind: 'external'; href: string }
  /** A path as the model wrote it, with its line (1-based) where it named one. */
  | { kind: 'file'; path: string; line: number | undefined };

/** What a link in an answer leads to; undefined: nowhere that Layercake goes. */
export function parseLink(href: string): Link | undefined {
  const scheme = /^([a-z][a-z\d+.-]+):/i.exec(href)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https' || scheme === 'mailto') return { kind: 'external', href };
  // "queue.ts:12" looks like a scheme too, but a file's name has its dot before the colon.
  const isFile = scheme === undefined || scheme === 'file' || (scheme.includes('.') && /:\d+$/.test(href));
  if (!isFile) return undefined;
  const match = /^(?:file:\/\/)?(.*?)(?:#L(\d+).*|:(\d+))?$/i.exec(href);
  const path = decode(match?.[1] ?? '');
  if (path === '') return undefined;
  const line = match?.[2] ?? match?.[3];
  return { kind: 'file', path, line: line === undefined ? undefined : Number(line) };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
