import * as path from 'node:path';
import type { HubSource } from '../models/catalogue';
import { errorText, FetchError } from './fetchError';
import { defaultEndpoint, fileAddress } from './hubAddress';
import { cutProgress } from './resumePoint';
import { transferFile } from './transfer';

export interface HubOptions {
  /** Base address of the hub or of a mirror of it. */
  endpoint: string | undefined;
  /** How long a connection and its first answer may take; a blocked network shows by this. */
  connectMs: number;
  /** How long a running transfer may stand still. */
  silenceMs: number;
}

export const hubDefaults = { connectMs: 8_000, silenceMs: 30_000 };

/**
 * Downloads one file of a hub's repository into `folder` and returns its path.
 * @throws FetchError where the hub cannot be reached or has another file
 */
export async function fetchFromHub(
  source: HubSource,
  bytes: number,
  folder: string,
  options: HubOptions,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const url = fileAddress(options.endpoint ?? defaultEndpoint(), { ...source, path: source.file });
  await probe(url, bytes, options.connectMs, signal);
  const fileName = path.basename(source.file);
  const transfer = { url, folder, fileName, silenceMs: options.silenceMs };
  const file = await transferFile(transfer, onProgress, signal);
  await cutProgress(file, bytes);
  return file;
}

/** Asks for the file's head before the library does: the library tries again for minutes where nothing answers. */
async function probe(address: string, bytes: number, connectMs: number, signal: AbortSignal): Promise<void> {
  let failure: unknown;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const timeout = AbortSignal.timeout(connectMs);
      const response = await fetch(address, { method: 'HEAD', signal: AbortSignal.any([timeout, signal]) });
      await response.body?.cancel();
      checkAnswer(response, bytes);
      return;
    } catch (error) {
      signal.throwIfAborted();
      // An answer is an answer: only a connection that failed is tried again.
      if (FetchError.is(error)) throw error;
      failure = error;
    }
  }
  const timedOut = failure instanceof Error && failure.name === 'TimeoutError';
  throw new FetchError(
    'noSource',
    timedOut ? `no answer within ${Math.round(connectMs / 1000)} seconds, twice` : errorText(failure),
  );
}

function checkAnswer(response: Response, bytes: number): void {
  if (!response.ok) throw new FetchError('noSource', `HTTP ${response.status} ${response.statusText}`.trim());
  const length = response.headers.get('content-length');
  // Compressed on the way, the length says nothing.
  if (length === null || response.headers.has('content-encoding')) return;
  if (Number(length) !== bytes) {
    throw new FetchError('wrongContent', `the hub has ${length} bytes instead of ${bytes}`);
  }
}
