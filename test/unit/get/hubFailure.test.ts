import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors';
import { describeHubFailure, wantsToken } from '../../../src/get/hubFailure';
import { DownloadError } from '../../../src/models/fetchProcess';
import { fetchFailureReasons } from '../../../src/protocol/fetch';
import { translate } from '../models/translate';

const place = { endpoint: 'https://hub.example/', repository: 'a/b' };
const say = (error: unknown) => describeHubFailure(error, place, translate);

describe('describeHubFailure', () => {
  it.each(fetchFailureReasons.filter((reason) => reason !== 'cancelled'))(
    'tells the cause of "%s" and what to do, in whole sentences',
    (reason) => {
      const words = say(new DownloadError(reason, 'first.\nsecond.')) ?? '';
      expect(words).toContain('first.; second');
      expect(words).toMatch(/^[A-Za-z].*\.$/);
      expect(words).not.toMatch(/\{\d\}|\.\./);
    },
  );

  it('says where a licence is accepted', () => {
    expect(say(new DownloadError('gated', 'HTTP 401 GatedRepo'))).toBe(
      'a/b is given only to those who accept its licence (HTTP 401 GatedRepo). Accept it at https://hub.example/a/b in your account there, then enter an access token of that account.',
    );
  });

  it('is silent about a cancel', () => {
    expect(say(new CancelledError())).toBeUndefined();
    expect(say(new DownloadError('cancelled', ''))).toBeUndefined();
  });

  it('asks for a token only where one could help', () => {
    const asked = fetchFailureReasons.filter((reason) => wantsToken(new DownloadError(reason, '')));
    expect(asked).toEqual(['gated', 'noAccess']);
    expect(wantsToken(new Error('other'))).toBe(false);
  });
});
