import type { Translate } from '../translate';

export type RemoteErrorReason = 'badAddress' | 'unreachable' | 'noFile' | 'noAccess' | 'noRanges' | 'changed';

/** A file behind an address that could not be read. `detail` is plain technical text, untranslated. */
export class RemoteError extends Error {
  constructor(
    readonly reason: RemoteErrorReason,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`${reason}: ${detail}`, options);
    this.name = 'RemoteError';
  }

  static is(error: unknown): error is RemoteError {
    return error instanceof RemoteError;
  }
}

/** What failed, why, what to do. */
export function describeRemoteError({ reason, detail }: RemoteError, t: Translate): string {
  switch (reason) {
    case 'badAddress':
      return t('This is no address that can be read ({0}). Give one that begins with https://.', detail);
    case 'unreachable':
      return t('The address could not be reached ({0}). Check it and the connection, and try again.', detail);
    case 'noFile':
      return t('There is no file at the address ({0}). Check it for a mistake.', detail);
    case 'noAccess':
      return t('The server does not give the file away ({0}). Download it in your account first.', detail);
    case 'noRanges':
      return t(
        'The server gives whole files only ({0}). Download the file, or use a server that answers range requests.',
        detail,
      );
    case 'changed':
      return t('The file changed while it was read ({0}). Try again.', detail);
  }
}
