import { afterEach, describe, expect, it, vi } from 'vitest';
import { askHub } from '../../../src/fetch/hubAnswer';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const never = new AbortController().signal;

/** What the hub answers; the signal of the request is kept. */
function answerWith(response: Response | undefined): { signal: AbortSignal | undefined } {
  const seen: { signal: AbortSignal | undefined } = { signal: undefined };
  vi.stubGlobal('fetch', (_: string, { signal }: { signal: AbortSignal }) => {
    seen.signal = signal;
    if (response !== undefined) return Promise.resolve(response);
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  });
  return seen;
}

describe('askHub', () => {
  it('gives up where no answer begins, and leaves one alone that has begun', async () => {
    vi.useFakeTimers();
    answerWith(undefined);
    const late = expect(askHub('https://hub/a', {}, never)).rejects.toMatchObject({
      ...{ reason: 'noSource', detail: 'no answer within 20 seconds' },
    });
    await vi.advanceTimersByTimeAsync(20_000);
    await late;
    const seen = answerWith(new Response('a body that takes hours'));
    await askHub('https://hub/a', {}, never);
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(seen.signal?.aborted).toBe(false);
  });

  it.each([
    [401, 'GatedRepo', 'gated', 'HTTP 401 GatedRepo'],
    [403, 'GatedRepo', 'gated', 'HTTP 403 GatedRepo'],
    [401, 'RepoNotFound', 'missing', 'HTTP 401 RepoNotFound'],
    [404, 'EntryNotFound', 'missing', 'HTTP 404 EntryNotFound'],
    [401, undefined, 'noAccess', 'HTTP 401'],
    [404, undefined, 'missing', 'HTTP 404'],
    [429, undefined, 'tooManyRequests', 'HTTP 429'],
    [503, undefined, 'noSource', 'HTTP 503'],
  ])('tells what %i with %s means', async (status, code, reason, detail) => {
    answerWith(new Response('', { status, headers: code === undefined ? {} : { 'x-error-code': code } }));
    await expect(askHub('https://hub/a', {}, never)).rejects.toMatchObject({ reason, detail });
  });
});
