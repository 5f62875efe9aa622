import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GgufError } from '../../../src/gguf/ggufError';
import { readGgufHeader } from '../../../src/gguf/readHeader';
import { RemoteError, describeRemoteError } from '../../../src/planner/remoteError';
import { readRemoteHeader } from '../../../src/planner/remoteHeader';
import { writeScriptedModel } from '../../support/scriptedModel';
import { modelBytes } from '../gguf/smallModel';
import { translate } from '../models/translate';
import { FileServer } from './fileServer';

const never = new AbortController().signal;
let folder = '';
let cache = '';
let server: FileServer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'layercake-remote-'));
  server = await new FileServer(folder).start();
});
afterEach(async () => {
  server.wholeOnly = false;
  server.silent = false;
  await rm(cache, { recursive: true, force: true });
});
afterAll(async () => {
  server.stop();
  await rm(folder, { recursive: true });
});

async function read(url: string, signal = never) {
  cache = path.join(folder, 'cache');
  server.bytesSent = 0;
  server.requests = [];
  return await readRemoteHeader(url, cache, signal);
}

async function refusal(url: string): Promise<string> {
  try {
    await read(url);
  } catch (error) {
    expect(await readdir(cache).catch(() => [])).toEqual([]);
    if (RemoteError.is(error)) return describeRemoteError(error, translate);
    if (GgufError.is(error)) return error.reason;
    throw error;
  }
  return expect.fail('the address was taken');
}

describe('readRemoteHeader', () => {
  it('reads a 70B of 128k words behind a redirect, in under 8 MiB and one request', async () => {
    const { path: file } = await writeScriptedModel(path.join(folder, '70B.gguf'), {
      shape: '70B',
      quant: 'Q4_K_M',
    });
    const remote = await read(server.url('70B.gguf', true));
    expect(remote.header).toEqual(await readGgufHeader(file));
    expect(server.requests).toEqual(['moved/70B.gguf bytes=0-8388607', '70B.gguf bytes=0-8388607']);
    expect(remote.bytesRead).toBeLessThanOrEqual(8 * 2 ** 20);
    expect(server.bytesSent).toBeLessThanOrEqual(8 * 2 ** 20);
  });

  it('keeps a sparse file of the same size, and takes it the next time', async () => {
    await writeScriptedModel(path.join(folder, '1B.gguf'), { shape: '1B' });
    const url = server.url('1B.gguf');
    const first = await read(url);
    const { size, blocks } = await stat(first.path);
    expect(size).toBe((await stat(path.join(folder, '1B.gguf'))).size);
    expect(blocks * 512).toBeLessThan(9 * 2 ** 20);
    expect(path.basename(first.path)).toBe('1B.gguf');
    expect(await read(url)).toEqual({ ...first, bytesRead: 0 });
    // Other content under the same address.
    await writeFile(path.join(folder, '1B.gguf'), modelBytes());
    const other = await read(url);
    expect(other.header.name).toBe('Small');
    expect(other.path).not.toBe(first.path);
  });

  it('brings all parts of a split model together', async () => {
    const part = (index: number) => ({
      'split.no': ['u16', index] as const,
      'split.count': ['u16', 2] as const,
    });
    await writeFile(path.join(folder, 'a b-00001-of-00002.gguf'), modelBytes(part(0)));
    await writeFile(
      path.join(folder, 'a b-00002-of-00002.gguf'),
      modelBytes(part(1), [{ name: 'blk.0.attn_norm.weight', dimensions: [64], type: 0, offset: 0 }], 256),
    );
    const { header, path: file } = await read(server.url('a%20b-00001-of-00002.gguf'));
    expect(header.tensors.map(({ name }) => name)).toEqual([
      'token_embd.weight',
      'output_norm.weight',
      'blk.0.attn_norm.weight',
    ]);
    expect((await readdir(path.dirname(file))).sort()).toEqual([
      'a_b-00001-of-00002.gguf',
      'a_b-00002-of-00002.gguf',
    ]);
  });

  it('says in one sentence what is wrong, and leaves nothing behind', async () => {
    expect(await refusal(server.url('none.gguf'))).toBe(
      'There is no file at the address (HTTP 404 Not Found). Check it for a mistake.',
    );
    server.wholeOnly = true;
    expect(await refusal(server.url('70B.gguf'))).toMatch(
      /^The server gives whole files only \(HTTP 200 OK\)/,
    );
    expect(server.bytesSent).toBeLessThan(8 * 2 ** 20);
    server.wholeOnly = false;
    await writeFile(path.join(folder, 'page.html'), '<!doctype html>'.repeat(10_000));
    expect(await refusal(server.url('page.html'))).toBe('modelNotGguf');
    await writeFile(path.join(folder, 'half.gguf'), modelBytes().subarray(0, 300));
    expect(await refusal(server.url('half.gguf'))).toBe('modelTruncated');
    expect(await refusal('ftp://example.com/a.gguf')).toMatch(/^This is no address that can be read/);
    expect(await refusal('http://127.0.0.1:9/a.gguf')).toMatch(/^The address could not be reached/);
  });

  it('ends at once where it is cancelled', async () => {
    server.silent = true;
    const abort = new AbortController();
    const reading = read(server.url('70B.gguf'), abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(reading).rejects.toThrow('enough');
  });
});
