import { RemoteError } from './remoteError';

/** How long a server may say nothing, ms. */
const silenceMs = 20_000;

/** What a server says of a file before its bytes. */
export interface RemoteStamp {
  /** Bytes of the whole file. */
  size: number;
  /** Empty where the server has none. */
  etag: string;
}

export interface Range {
  stamp: RemoteStamp;
  chunks: AsyncIterable<Uint8Array>;
}

/**
 * Asks for bytes of a file, from `start` on. Redirects are followed. What is not read any more ends by `signal`.
 * @throws RemoteError, the signal's reason
 */
export async function requestRange(
  url: string,
  start: number,
  length: number,
  signal: AbortSignal,
): Promise<Range> {
  const silence = new Silence(signal);
  try {
    const response = await fetch(url, {
      // Compressed, a range would be one of something else.
      headers: { range: `bytes=${start}-${start + length - 1}`, 'accept-encoding': 'identity' },
      signal: silence.signal,
    });
    const size = sizeOf(response);
    const etag = response.headers.get('etag') ?? '';
    return { stamp: { size, etag }, chunks: readChunks(response, silence) };
  } catch (error) {
    silence.stop();
    throw asRemoteError(error, signal);
  }
}

async function* readChunks(response: Response, silence: Silence): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  try {
    for (;;) {
      silence.restart();
      const next = await reader?.read();
      if (next?.value === undefined) return;
      yield next.value;
    }
  } catch (error) {
    throw asRemoteError(error, silence.outer);
  } finally {
    silence.stop();
    await reader?.cancel().catch(() => undefined);
  }
}

/** Of the whole file, bytes. */
function sizeOf(response: Response): number {
  // Hugging Face names the cause in a header of its own.
  const cause = response.headers.get('x-error-code') ?? response.statusText;
  const status = `HTTP ${response.status} ${cause}`.trim();
  switch (response.status) {
    case 206: {
      const size = Number(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1] ?? NaN);
      if (Number.isSafeInteger(size)) return size;
      throw new RemoteError('noRanges', `${status} without the size of the file`);
    }
    case 401:
    case 403:
      throw new RemoteError('noAccess', status);
    case 404:
    case 410:
      throw new RemoteError('noFile', status);
    default:
      throw new RemoteError(response.ok || response.status === 416 ? 'noRanges' : 'unreachable', status);
  }
}

function asRemoteError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (RemoteError.is(error)) return error;
  // fetch says "fetch failed" and keeps why to itself.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new RemoteError('unreachable', cause instanceof Error ? cause.message : String(cause), {
    cause: error,
  });
}

/** Ends a request during which nothing comes any more. */
class Silence {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  readonly signal: AbortSignal;

  constructor(readonly outer: AbortSignal) {
    this.signal = AbortSignal.any([this.controller.signal, outer]);
    this.restart();
  }

  restart(): void {
    this.stop();
    this.timer = setTimeout(
      () =>
        this.controller.abort(new RemoteError('unreachable', `nothing came for ${silenceMs / 1000} seconds`)),
      silenceMs,
    );
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
