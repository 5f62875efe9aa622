import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors';
import type { LibraryEntry, ModelCopy } from '../../../src/library/entry';
import { describeVerification } from '../../../src/library/verificationWords';
import { verifyModel } from '../../../src/library/verify';
import { formatHashFile, hashFileOf } from '../../../src/protocol/hashFile';
import { namedModel, splitModel } from '../../support/fakeHomes';
import { translate } from '../models/translate';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lc-verify-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function put(bytes: Buffer, ...parts: string[]): Promise<string> {
  const file = path.join(folder, ...parts);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return file;
}

function entryOf(copies: string[][], sizeBytes = 1000): LibraryEntry {
  const [parts = []] = copies;
  return {
    ...{ path: parts[0] ?? '', parts, places: ['folder'], own: false, name: 'Model', sizeBytes },
    copies: copies.map((each): ModelCopy => ({ place: 'folder', path: each[0] ?? '', parts: each })),
  };
}

async function verify(entry: LibraryEntry): Promise<string> {
  const result = await verifyModel(entry, () => undefined, new AbortController().signal);
  return describeVerification(entry, result, translate);
}

const model = namedModel('Model');

describe('verifying', () => {
  it('compares with the hash that Ollama and Hugging Face name a blob by', async () => {
    const blob = await put(model, 'blobs', `sha256-${sha256(model)}`);
    expect(await verify(entryOf([[blob]]))).toBe(
      'Model is unchanged: its SHA-256 is the one that Ollama names it by.',
    );
    const hub = await put(model, 'hub', sha256(model));
    const link = path.join(folder, 'model.gguf');
    await symlink(hub, link);
    expect(await verify(entryOf([[link]]))).toBe(
      'Model is unchanged: its SHA-256 is the one that Hugging Face’s cache names it by.',
    );
  });

  it('compares all parts with the hashes that a download left, and reports how far it is', async () => {
    const parts = await Promise.all(
      splitModel('Split').map(async (bytes, index) => {
        const file = await put(bytes, `split-0000${index + 1}-of-00002.gguf`);
        await writeFile(hashFileOf(file), formatHashFile(sha256(bytes), path.basename(file)));
        return file;
      }),
    );
    const size = splitModel('Split').reduce((sum, { length }) => sum + length, 0);
    const entry = entryOf([parts], size);
    const seen: number[] = [];
    const result = await verifyModel(entry, (fraction) => seen.push(fraction), new AbortController().signal);
    expect(describeVerification(entry, result, translate)).toBe(
      'Model is unchanged: its SHA-256 is that of the download.',
    );
    expect(seen.at(-1)).toBe(1);
  });

  it('names a byte that is wrong, by what another copy knows too', async () => {
    const changed = Buffer.from(model);
    changed.writeUInt8(changed.readUInt8(changed.length - 20) ^ 1, changed.length - 20);
    const file = await put(changed, 'model.gguf');
    const blob = await put(model, 'blobs', `sha256-${sha256(model)}`);
    expect(await verify(entryOf([[file], [blob]]))).toBe(
      `Model is damaged: the SHA-256 of model.gguf is ${sha256(changed)} instead of ${sha256(model)}. Download it again.`,
    );
  });

  it('checks header and tensors where no hash is known', async () => {
    const file = await put(model, 'model.gguf');
    expect(await verify(entryOf([[file]]))).toMatch(/^Model has a sound header, and all of its tensors/);
    await writeFile(file, model.subarray(0, -64));
    await expect(verify(entryOf([[file]]))).rejects.toMatchObject({ reason: 'modelTruncated' });
  });

  it('ends early when it is cancelled', async () => {
    const file = await put(model, 'large.gguf');
    for (let i = 0; i < 8; i++) await appendFile(file, Buffer.alloc(1024 * 1024));
    await writeFile(hashFileOf(file), formatHashFile('0'.repeat(64), 'large.gguf'));
    const abort = new AbortController();
    const run = verifyModel(entryOf([[file]]), () => abort.abort(), abort.signal);
    await expect(run).rejects.toBeInstanceOf(CancelledError);
  });
});
