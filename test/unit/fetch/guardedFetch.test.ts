import { describe, expect, it } from 'vitest';
import { guardFetch } from '../../../src/fetch/guardedFetch';

interface Seen {
  url: string;
  authorization: string | null;
}

/** A network in which each address leads to another, or answers. */
function network(redirects: Record<string, string>): { fetch: typeof fetch; seen: Seen[] } {
  const seen: Seen[] = [];
  return {
    seen,
    fetch: (input, init) => {
      const url = input as string;
      seen.push({ url, authorization: new Headers(init?.headers).get('authorization') });
      const location = redirects[url];
      return Promise.resolve(
        location === undefined
          ? new Response('here')
          : new Response(null, { status: 302, headers: { location } }),
      );
    },
  };
}

const hub = { endpoint: 'https://hub.example/base', token: 'hf_secret' };

describe('guardFetch', () => {
  it('sends the token to the hub alone, through redirects there and back', async () => {
    const { fetch, seen } = network({
      'https://hub.example/a': '/b',
      'https://hub.example/b': 'https://cdn.example/c',
      'https://cdn.example/c': 'https://hub.example/d',
      'https://hub.example/d': 'https://hub.example:8443/e',
    });
    const response = await guardFetch(hub, fetch)('https://hub.example/a');
    expect(await response.text()).toBe('here');
    expect(seen.map(({ url, authorization }) => [new URL(url).pathname, authorization])).toEqual([
      ['/a', 'Bearer hf_secret'],
      ['/b', 'Bearer hf_secret'],
      ['/c', null],
      ['/d', 'Bearer hf_secret'],
      ['/e', null],
    ]);
  });

  it('takes away what a library would send along', async () => {
    const { fetch, seen } = network({});
    const guarded = guardFetch({ ...hub, token: undefined }, fetch);
    await guarded('https://cdn.example/a', { headers: { authorization: 'Bearer hf_found' } });
    await guarded(new Request('https://hub.example/a', { headers: { authorization: 'Bearer hf_found' } }));
    expect(seen.map(({ authorization }) => authorization)).toEqual([null, null]);
  });

  it.each([
    ['https://hub.example/a', 'http://hub.example/a'],
    ['https://hub.example/a', 'http://127.0.0.1/a'],
    ['https://hub.example/a', 'file:///etc/passwd'],
  ])('does not follow %s to %s', async (from, to) => {
    const { fetch, seen } = network({ [from]: to });
    await expect(guardFetch(hub, fetch)(from)).rejects.toMatchObject({ reason: 'insecure' });
    expect(seen).toHaveLength(1);
  });

  it('speaks plain http with a hub on this machine, and does not leave the machine then', async () => {
    const { fetch, seen } = network({
      'http://127.0.0.1:8080/a': 'http://localhost:8081/b',
      'http://localhost:8081/b': 'http://hub.example/c',
    });
    const guarded = guardFetch({ endpoint: 'http://127.0.0.1:8080', token: undefined }, fetch);
    await expect(guarded('http://127.0.0.1:8080/a')).rejects.toMatchObject({
      ...{ reason: 'insecure', detail: 'http://hub.example' },
    });
    expect(seen).toHaveLength(2);
  });

  it('ends where redirects do not', async () => {
    const { fetch } = network({ 'https://hub.example/a': 'https://hub.example/a' });
    await expect(guardFetch(hub, fetch)('https://hub.example/a')).rejects.toThrow(/more than 10 redirects/);
  });
});
