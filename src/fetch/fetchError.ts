import type { FetchFailureReason } from '../protocol/fetch';

/** Ends a download, or one source of it. `detail` is plain technical text. */
export class FetchError extends Error {
  constructor(
    readonly reason: FetchFailureReason,
    readonly detail: string,
  ) {
    super(`${reason}: ${detail}`);
    this.name = 'FetchError';
  }

  static is(error: unknown, reason?: FetchFailureReason): error is FetchError {
    return error instanceof FetchError && (reason === undefined || error.reason === reason);
  }
}

/** The text of whatever was thrown, its cause included: fetch says "fetch failed" and hides why in it. */
export function errorText(error: unknown): string {
  if (FetchError.is(error)) return error.detail;
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message || codeOf(error.cause) : undefined;
  return cause === undefined || cause === '' ? error.message : `${error.message} (${cause})`;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** What a failure of the file system or of a library means for a download. */
export function toFetchError(error: unknown): FetchError {
  if (FetchError.is(error)) return error;
  const code = error instanceof Error ? codeOf(error) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return new FetchError('noSpace', errorText(error));
  if (['EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTDIR'].includes(code)) {
    return new FetchError('cannotWrite', errorText(error));
  }
  return new FetchError('noSource', errorText(error));
}
