import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { GgufHeader } from '../gguf/model';
import { readGgufHeader } from '../gguf/readHeader';
import { RemoteError } from './remoteError';
import { joinRemoteParts } from './remoteParts';
import { readRemoteTable, type RemoteTable } from './remoteTable';

export interface RemoteModel {
  header: GgufHeader;
  /** A sparse file of the same size that holds the header, of a split model the first of several. */
  path: string;
  /** Bytes of headers that were read for it; 0 where it was known. */
  bytesRead: number;
}

export function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/**
 * Reads the header of a model behind an address, of all its parts where it is split, and keeps it in `folder`: known
 * again by address, size and the server's mark of its content.
 * @throws RemoteError, GgufError, the signal's reason
 */
export async function readRemoteHeader(
  address: string,
  folder: string,
  signal: AbortSignal,
): Promise<RemoteModel> {
  const url = parseAddress(address);
  const name = nameOf(url);
  let bytesRead = 0;
  let target = '';
  const first = await readRemoteTable(
    url.href,
    async ({ size, etag }) => {
      const id = createHash('sha256').update(`${url.href}\n${etag}\n${size}`).digest('hex').slice(0, 16);
      target = path.join(folder, id);
      return await exists(path.join(target, localName(name)));
    },
    signal,
  );
  const file = path.join(target, localName(name));
  if (first === undefined) return { header: await readGgufHeader(file), path: file, bytesRead };

  // Beside, and renamed when all parts are there: a folder that exists is whole.
  await fs.mkdir(folder, { recursive: true });
  const unfinished = await fs.mkdtemp(path.join(folder, 'unfinished-'));
  try {
    const keep = async (part: string, { bytes, stamp }: RemoteTable) => {
      bytesRead += bytes.length;
      await writeSparse(path.join(unfinished, localName(part)), bytes, stamp.size);
    };
    await joinRemoteParts({ url, name, first }, keep, signal);
    await keep(name, first);
    // Checked as any file is, before anything else may see it.
    const header = await readGgufHeader(path.join(unfinished, localName(name)));
    await fs.rm(target, { recursive: true, force: true });
    await fs.rename(unfinished, target);
    return { header, path: file, bytesRead };
  } catch (error) {
    await fs.rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

function parseAddress(address: string): URL {
  if (!isAddress(address) || !URL.canParse(address)) throw new RemoteError('badAddress', address);
  const url = new URL(address);
  // The page of a file, as people copy it, beside the file.
  if (url.hostname === 'huggingface.co') {
    url.pathname = url.pathname.replace(/^(\/[^/]+\/[^/]+)\/blob\//, '$1/resolve/');
  }
  return url;
}

function nameOf(url: URL): string {
  const name = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  if (name === '') throw new RemoteError('badAddress', url.href);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** A name from an address as one that is safe on any disk. */
function localName(name: string): string {
  return name.replace(/[^\w.-]/g, '_');
}

async function exists(file: string): Promise<boolean> {
  return (await fs.stat(file).catch(() => undefined))?.isFile() === true;
}

/** The first bytes, then a hole. */
async function writeSparse(file: string, bytes: Uint8Array, size: number): Promise<void> {
  await fs.writeFile(file, bytes);
  await fs.truncate(file, size);
}
