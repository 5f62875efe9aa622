import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import * as path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FetchError } from './fetchError';
import { askHub } from './hubAnswer';
import type { Transfer } from './transfer';
import { Watchdog } from './watchdog';

/**
 * The same as `transferFile` for a server that gives whole files only: one connection, and from the beginning each
 * time, since the library would go on in the middle with bytes of the beginning.
 */
export async function transferWhole(
  { url, folder, fileName, silenceMs }: Transfer,
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const target = path.join(folder, fileName);
  const watchdog = new Watchdog(silenceMs, signal);
  try {
    const response = await askHub(url, { headers: { 'accept-encoding': 'identity' } }, watchdog.signal);
    if (response.body === null) throw new FetchError('noSource', 'the answer is empty');
    let done = 0;
    const count = new Transform({
      transform(chunk: Buffer, _, next) {
        done += chunk.length;
        watchdog.progress(done);
        onProgress(done);
        next(null, chunk);
      },
    });
    await pipeline(piecesOf(response.body), count, createWriteStream(`${target}.ipull`), {
      signal: watchdog.signal,
    });
    await rename(`${target}.ipull`, target);
    return target;
  } catch (error) {
    if (watchdog.signal.aborted) throw watchdog.signal.reason;
    throw error;
  } finally {
    watchdog.stop();
  }
}

async function* piecesOf(body: NonNullable<Response['body']>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); next.value !== undefined; next = await reader.read()) {
      yield next.value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
