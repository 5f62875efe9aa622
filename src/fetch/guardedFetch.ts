import { FetchError } from './fetchError';

export interface GuardedHub {
  /** Base address. */
  endpoint: string;
  /** Sent to the hub's own origin and to nobody else. */
  token: string | undefined;
}

const redirects = new Set([301, 302, 303, 307, 308]);
const maxHops = 10;

/**
 * A `fetch` for a whole process, libraries included: it follows redirects itself, over https alone, and adds the
 * token for the hub's own origin, whatever a library would send elsewhere. Plain http is for a hub on this machine,
 * and then for redirects to this machine. Throws `FetchError` `insecure`.
 */
export function guardFetch({ endpoint, token }: GuardedHub, inner: typeof fetch = fetch): typeof fetch {
  const { origin } = new URL(endpoint);
  const plainAllowed = isLoopbackHttp(new URL(endpoint));
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    let url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init?.headers ?? request?.headers);
    for (let hop = 0; hop < maxHops; hop++) {
      if (url.protocol !== 'https:' && !(plainAllowed && isLoopbackHttp(url))) {
        throw new FetchError('insecure', url.origin === 'null' ? url.protocol : url.origin);
      }
      headers.delete('authorization');
      if (token !== undefined && url.origin === origin) headers.set('authorization', `Bearer ${token}`);
      const response = await inner(url.href, { ...init, headers, redirect: 'manual' });
      const location = response.headers.get('location');
      if (!redirects.has(response.status) || location === null) return response;
      await response.body?.cancel();
      if (!URL.canParse(location, url.href)) throw new FetchError('noSource', 'a redirect leads nowhere');
      url = new URL(location, url);
    }
    throw new FetchError('noSource', `more than ${maxHops} redirects`);
  };
}

function isLoopbackHttp({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
