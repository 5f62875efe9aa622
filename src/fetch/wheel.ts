import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import { FetchError } from './fetchError';

/**
 * Writes one member of a zip archive to `target`.
 * @param bytes the size that the member must have; a larger one is refused before anything is written
 */
export async function extractMember(
  archive: string,
  member: string,
  bytes: number,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const zip = await open(archive);
  try {
    const entry = await find(zip, member);
    if (entry.uncompressedSize !== bytes) {
      throw new FetchError(
        'wrongContent',
        `${member} has ${entry.uncompressedSize} bytes instead of ${bytes}`,
      );
    }
    await pipeline(await read(zip, entry), createWriteStream(target, { flags: 'wx' }), { signal });
  } finally {
    zip.close();
  }
}

function open(archive: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(archive, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error === null) resolve(zip);
      else reject(new FetchError('wrongContent', `the package is no zip archive: ${error.message}`));
    });
  });
}

function find(zip: yauzl.ZipFile, member: string): Promise<yauzl.Entry> {
  return new Promise((resolve, reject) => {
    zip.on('entry', (entry: yauzl.Entry) => {
      if (entry.fileName === member) resolve(entry);
      else zip.readEntry();
    });
    zip.on('end', () => reject(new FetchError('wrongContent', `the package holds no ${member}`)));
    zip.on('error', reject);
    zip.readEntry();
  });
}

function read(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<NodeJS.ReadableStream> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error === null) resolve(stream);
      else reject(error);
    });
  });
}
