import { errorText, FetchError } from './fetchError';

/** How long a hub may take to begin an answer, ms. */
const answerMs = 20_000;

/**
 * Asks a hub through the process's own `fetch`, and throws where it refuses.
 * @throws FetchError, or what `signal` was aborted with
 */
export async function askHub(
  input: Parameters<typeof fetch>[0],
  init: RequestInit,
  signal: AbortSignal,
): Promise<Response> {
  // Only until the answer begins: its body may be a model.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), answerMs);
  try {
    const response = await fetch(input, { ...init, signal: AbortSignal.any([late.signal, signal]) });
    if (response.ok) return response;
    await response.body?.cancel();
    throw refusal(response);
  } catch (error) {
    signal.throwIfAborted();
    if (FetchError.is(error)) throw error;
    throw new FetchError(
      'noSource',
      late.signal.aborted ? `no answer within ${answerMs / 1000} seconds` : errorText(error),
    );
  } finally {
    clearTimeout(timer);
  }
}

/** What a hub's refusal means: it names the cause in a header of its own. */
export function refusal({ status, statusText, headers }: Response): FetchError {
  const code = headers.get('x-error-code') ?? '';
  const detail = [`HTTP ${status}`, code || statusText].join(' ').trim();
  if (code === 'GatedRepo') return new FetchError('gated', detail);
  // Without a token the hub says 401 of a repository that is private or does not exist.
  if (['RepoNotFound', 'EntryNotFound', 'RevisionNotFound'].includes(code)) {
    return new FetchError('missing', detail);
  }
  switch (status) {
    case 401:
    case 403:
      return new FetchError('noAccess', detail);
    case 404:
    case 410:
      return new FetchError('missing', detail);
    case 429:
      return new FetchError('tooManyRequests', detail);
    default:
      return new FetchError('noSource', detail);
  }
}
