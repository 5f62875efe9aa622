import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fetchHubModel, type HubModelOptions } from '../../../src/fetch/hubModel';
import { cutProgress, distrustLastPieces } from '../../../src/fetch/resumePoint';
import type { HubFile } from '../../../src/protocol/hub';
import { hashOf, HubStand } from '../../support/hubStand';

const content = randomBytes(200_000);
let root = '';
let folder = '';
let stand: HubStand;
let files: HubFile[] = [];

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'layercake-hub-model-'));
  const file = path.join(root, 'source.gguf');
  await writeFile(file, content);
  const sha256 = await hashOf(file);
  files = [{ path: 'model.gguf', bytes: content.length, sha256 }];
  stand = await new HubStand().start();
  await stand.add({ name: 'a/b', files: [{ path: 'model.gguf', file, sha256 }] });
});
beforeEach(async () => {
  folder = path.join(root, 'models');
  await rm(folder, { recursive: true, force: true });
  stand.requests.length = 0;
});
afterAll(async () => {
  stand.stop();
  await rm(root, { recursive: true });
});

const run = (options: Partial<HubModelOptions> = {}) =>
  fetchHubModel(
    { endpoint: stand.endpoint, repository: 'a/b', revision: 'main', folder, files },
    { report: () => undefined, signal: new AbortController().signal, ...options },
  );

describe('fetchHubModel', () => {
  it('asks the disk before it asks the hub', async () => {
    await expect(run({ freeBytes: () => Promise.resolve(199_999) })).rejects.toMatchObject({
      reason: 'noSpace',
      detail: `200000 bytes are needed in ${folder}, 199999 are free`,
    });
    expect([stand.requests, await readdir(folder)]).toEqual([[], []]);
  });

  it('needs room only for what is not there yet', async () => {
    const { bytes } = files[0] as HubFile;
    await run();
    await expect(run({ freeBytes: () => Promise.resolve(bytes) })).resolves.toBe(
      path.join(folder, 'model.gguf'),
    );
    expect((await readdir(folder)).sort()).toEqual(['model.gguf', 'model.gguf.sha256']);
    const { sha256 } = files[0] as HubFile;
    // As `sha256sum --check` reads it.
    expect(await readFile(path.join(folder, 'model.gguf.sha256'), 'utf8')).toBe(`${sha256}  model.gguf\n`);
  });

  it('fetches nothing where the right file is there, and checks what came before it was stopped', async () => {
    await run();
    stand.requests.length = 0;
    await run();
    expect(stand.requests).toEqual([]);
    await writeFile(path.join(folder, 'model.gguf.unchecked'), content);
    await rm(path.join(folder, 'model.gguf'));
    await run();
    expect(stand.requests).toEqual([]);
    expect((await readdir(folder)).sort()).toEqual(['model.gguf', 'model.gguf.sha256']);
  });

  it('takes no file of another size', async () => {
    const larger = files.map((file) => ({ ...file, bytes: file.bytes + 1 }));
    const request = { endpoint: stand.endpoint, repository: 'a/b', revision: 'main', folder, files: larger };
    await expect(
      fetchHubModel(request, { report: () => undefined, signal: new AbortController().signal }),
    ).rejects.toMatchObject({
      reason: 'wrongContent',
      detail: 'the server has 200000 bytes instead of 200001',
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('cutProgress', () => {
  it('takes away what was noted behind a whole file, and nothing else', async () => {
    const file = path.join(root, 'whole.gguf');
    await writeFile(file, 'the bytes{"chunks":[2,2],"chunkSize":5}');
    await cutProgress(file, 9);
    expect(await readFile(file, 'utf8')).toBe('the bytes');
    await writeFile(file, 'the bytes, and more of them');
    await cutProgress(file, 9);
    expect(await readFile(file, 'utf8')).toBe('the bytes, and more of them');
    await cutProgress(path.join(root, 'none.gguf'), 9);
  });
});

describe('distrustLastPieces', () => {
  const chunks = [2, 2, 1, 0, 2, 2, 2];

  it('has the last piece of each run fetched again, and changes nothing else', async () => {
    const file = path.join(root, 'a.ipull');
    await writeFile(file, JSON.stringify({ part: 0, chunks, chunkSize: 5 }));
    const kept = await readFile(file);
    await writeFile(file, Buffer.concat([content, kept]));
    await distrustLastPieces(file, content.length);
    const after = await readFile(file);
    expect(after.subarray(0, content.length)).toEqual(content);
    expect(JSON.parse(after.subarray(content.length).toString())).toEqual({
      ...{ part: 0, chunks: [2, 0, 1, 0, 2, 2, 0], chunkSize: 5 },
    });
  });

  it('leaves alone what says nothing', async () => {
    const file = path.join(root, 'b.ipull');
    await distrustLastPieces(file, 10);
    await writeFile(file, 'half');
    await distrustLastPieces(file, 10);
    await truncate(file, 20);
    const before = await readFile(file);
    await distrustLastPieces(file, 10);
    expect(await readFile(file)).toEqual(before);
  });
});
