import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RuntimeDescription } from '../../../src/engineClient/engine';
import { checkHostBuffers } from '../../../src/engineClient/hostBuffers';
import { info, optionsFor } from './samples';

const node: RuntimeDescription = { path: '/usr/bin/node', kind: 'node', version: '22.0.0', source: 'path' };
const gib = 1024 ** 3;
const electron: RuntimeDescription = {
  path: '/usr/share/code/code',
  kind: 'electron',
  version: '37.0.0',
  source: 'electron',
  hostBufferLimitBytes: gib,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lct-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A file of that size without its bytes. */
async function sparse(name: string, bytes: number): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, '');
  await truncate(path, Math.round(bytes));
  return path;
}

describe('the cap on buffers in RAM', () => {
  it('refuses what the runtime cannot hold, and says its size', async () => {
    const options = optionsFor(await sparse('a.gguf', 1.5 * gib));
    await expect(checkHostBuffers(electron, info, options)).rejects.toMatchObject({
      failure: {
        reason: 'doesNotFit',
        detail: expect.stringMatching(/^1\.5 GiB of weights .* 1\.0 GiB at most$/) as string,
      },
    });
    await expect(checkHostBuffers(node, info, options)).resolves.toBeUndefined();
  });

  it('lets pass what it can, and what stays in the mapped file', async () => {
    const small = optionsFor(await sparse('small.gguf', 0.5 * gib));
    await expect(checkHostBuffers(electron, info, small)).resolves.toBeUndefined();
    const large = optionsFor(await sparse('large.gguf', 8 * gib));
    const gpu = { ...info, backend: 'vulkan' } as const;
    await expect(checkHostBuffers(electron, gpu, large)).resolves.toBeUndefined();
    await expect(checkHostBuffers(electron, gpu, { ...large, mmap: false })).rejects.toThrow('doesNotFit');
  });

  it('counts all parts of a split file', async () => {
    const first = await sparse('m-00001-of-00002.gguf', 0.6 * gib);
    await sparse('m-00002-of-00002.gguf', 0.6 * gib);
    await expect(checkHostBuffers(electron, info, optionsFor(first))).rejects.toThrow('1.2 GiB');
  });

  it('leaves a missing file to the engine', async () => {
    const options = optionsFor(join(folder, 'missing.gguf'));
    await expect(checkHostBuffers(electron, info, options)).resolves.toBeUndefined();
  });
});
