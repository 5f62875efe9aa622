import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureDisk } from '../../../src/hardware/disk';

const mebibyte = 2 ** 20;
const never = new AbortController().signal;
let folder: string;
const at = (name: string) => path.join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lc-disk-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('measureDisk', () => {
  it('reads a file for at most a second', async () => {
    const file = await open(at('whole'), 'w');
    for (let block = 0; block < 32; block++) await file.write(Buffer.alloc(mebibyte, block + 1));
    await file.sync();
    await file.close();
    const started = performance.now();
    const rate = await measureDisk(at('whole'), never);
    expect(performance.now() - started).toBeLessThan(3000);
    expect(rate?.bytesPerSecond).toBeGreaterThan(1e6);
    expect(rate?.bytesPerSecond).toBeLessThan(1e12);
    expect(typeof rate?.isUpperBound).toBe('boolean');
  });

  it('tells nothing of a file with holes, of a short one, and of none', async () => {
    await writeFile(at('holes'), 'GGUF');
    await truncate(at('holes'), 64 * mebibyte);
    await writeFile(at('short'), Buffer.alloc(mebibyte, 1));
    for (const name of ['holes', 'short', 'none']) expect(await measureDisk(at(name), never)).toBeUndefined();
  });

  it('ends where it is no longer wanted', async () => {
    await expect(measureDisk(at('whole'), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
