import { joinParts } from '../gguf/parts';
import { describeModel, type GgufHeader } from '../gguf/model';
import type { GgufTable } from '../gguf/table';
import { RemoteError } from './remoteError';
import { readRemoteTable, type RemoteTable } from './remoteTable';

/**
 * Brings the headers of a split model together, whose other parts stand beside the first one.
 * @param keep told of each part that is read
 * @throws RemoteError, GgufError, the signal's reason
 */
export async function joinRemoteParts(
  { url, name, first }: { url: URL; name: string; first: RemoteTable },
  keep: (part: string, table: RemoteTable) => Promise<void>,
  signal: AbortSignal,
): Promise<GgufTable> {
  return await joinParts(name, first.table, async (part) => {
    const partUrl = new URL(url);
    partUrl.pathname = partUrl.pathname.replace(/[^/]*$/, encodeURIComponent(part));
    const read = await readWhole(partUrl, part, signal);
    await keep(part, read);
    return read.table;
  });
}

/** The header of a model behind an address, of all its parts; nothing is kept. Throws as `joinRemoteParts` does. */
export async function readRemoteModel(
  url: URL,
  name: string,
  signal: AbortSignal,
): Promise<{ header: GgufHeader; bytesRead: number }> {
  const first = await readWhole(url, name, signal);
  let bytesRead = first.bytes.length;
  const count = (_: string, { bytes }: RemoteTable) => {
    bytesRead += bytes.length;
    return Promise.resolve();
  };
  const header = describeModel(await joinRemoteParts({ url, name, first }, count, signal));
  return { header, bytesRead };
}

async function readWhole(url: URL, name: string, signal: AbortSignal): Promise<RemoteTable> {
  const read = await readRemoteTable(url.href, () => Promise.resolve(false), signal);
  if (read === undefined) throw new RemoteError('noFile', name);
  return read;
}
