import { CancelledError } from '../errors';
import { DownloadError } from '../models/fetchProcess';
import type { Translate } from '../translate';

/** A failure of the hub or of a download in one message with the next step; undefined for a cancel. */
export function describeHubFailure(
  error: unknown,
  place: { endpoint: string; repository?: string },
  t: Translate,
): string | undefined {
  if (CancelledError.is(error)) return undefined;
  if (!DownloadError.is(error)) {
    return t(
      'The download failed: {0}.',
      withoutStop(error instanceof Error ? error.message : String(error)),
    );
  }
  const detail = withoutStop(error.detail);
  const name = place.repository ?? place.endpoint;
  switch (error.reason) {
    case 'cancelled':
      return undefined;
    case 'gated':
      return t(
        '{0} is given only to those who accept its licence ({1}). Accept it at {2} in your account there, then enter an access token of that account.',
        name,
        detail,
        licencePage(place),
      );
    case 'noAccess':
      return t(
        'The hub refuses access to {0} ({1}). Enter an access token of an account that may read it.',
        name,
        detail,
      );
    case 'missing':
      return t(
        'The hub does not show {0} ({1}). Check the name; a private repository needs an access token.',
        name,
        detail,
      );
    case 'noRanges':
      return t(
        'The server gives whole files only, so that nothing can be planned before a download ({0}).',
        detail,
      );
    case 'tooManyRequests':
      return t('The hub is asked too often at the moment ({0}). Try again in some minutes.', detail);
    case 'insecure':
      return t(
        'The hub leads to an address that is not encrypted ({0}), which is not followed. Check the setting "layercake.models.endpoint".',
        detail,
      );
    case 'busy':
      return t('Another window downloads this model already ({0}).', detail);
    case 'noSource':
      return t(
        'The hub at {0} cannot be reached ({1}). Check the network, the proxy settings and "layercake.models.endpoint", then try again; what came is kept.',
        place.endpoint,
        detail,
      );
    case 'noSpace':
      return t(
        'There is too little room on the disk ({0}). Make room or choose a smaller quant, then resume; what came is kept.',
        detail,
      );
    case 'wrongContent':
      return t(
        'What came is not what the hub says it is ({0}), and was thrown away. A proxy or a mirror may have changed it: try again, or without it.',
        detail,
      );
    case 'cannotWrite':
      return t(
        'The download cannot be written ({0}). Check the folder in "layercake.models.downloadFolder", then try again.',
        detail,
      );
    case 'badRequest':
    case 'internal':
      return t(
        'The download process failed ({0}). The log shows more; what came is kept: try again.',
        detail,
      );
  }
}

/** Whether an access token could help. */
export function wantsToken(error: unknown): boolean {
  return DownloadError.is(error) && ['gated', 'noAccess'].includes(error.reason);
}

/** Where a repository's licence is accepted. */
export function licencePage({ endpoint, repository }: { endpoint: string; repository?: string }): string {
  return `${endpoint.replace(/\/+$/, '')}/${repository ?? ''}`;
}

function withoutStop(detail: string): string {
  return detail.split('\n').join('; ').replace(/\.+$/, '');
}
