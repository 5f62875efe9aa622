import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GgufError } from '../../../src/gguf/ggufError';
import { partNames } from '../../../src/gguf/parts';
import { readGgufHeader } from '../../../src/gguf/readHeader';
import { shapes, writeScriptedModel } from '../../support/scriptedModel';
import { file, header, u32, u64, type Entries } from './ggufBytes';
import { modelBytes, withEntries } from './smallModel';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'layercake-gguf-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function refusal(name: string): Promise<[string, string]> {
  try {
    await readGgufHeader(path.join(folder, name));
  } catch (error) {
    if (GgufError.is(error)) return [error.reason, error.detail];
    throw error;
  }
  return expect.fail('the file was taken');
}

describe('readGgufHeader', () => {
  it('reads a whole model of the tests as its writer describes it', async () => {
    const written = await writeScriptedModel(path.join(folder, 'scripted.gguf'), { name: 'Scripted' });
    expect(await readGgufHeader(written.path)).toMatchObject({
      name: 'Scripted',
      architecture: 'llama',
      fileSize: written.fileBytes,
      tensorBytes: written.tensorBytes,
      blockCount: written.blocks,
      totalLayers: written.blocks + 1,
      vocabularySize: written.vocabulary,
      headCount: shapes.tiny.heads,
      kvHeadCount: shapes.tiny.kvHeads,
      trainContext: shapes.tiny.contextLength,
      hasChatTemplate: true,
      quant: 'F16',
    });
  });

  it('reads a 70B of 128k words in its header alone', async () => {
    const written = await writeScriptedModel(path.join(folder, '70B.gguf'), {
      shape: '70B',
      quant: 'Q4_K_M',
    });
    expect(written.fileBytes).toBeGreaterThan(39 * 2 ** 30);
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      const started = performance.now();
      const read = await readGgufHeader(written.path);
      times.push(performance.now() - started);
      expect(read).toMatchObject({
        totalLayers: 81,
        vocabularySize: 128_256,
        quant: 'Q4_K_M',
        kvHeadCount: 8,
      });
      expect(read.parameters).toBeGreaterThan(70e9);
    }
    // 150 ms is the aim on a quiet machine; others may run beside this.
    expect(Math.min(...times)).toBeLessThan(600);
  }, 60_000);

  it('names a file that is not there, a folder, and a download that has not finished', async () => {
    expect(await refusal('nowhere.gguf')).toEqual(['modelMissing', expect.stringContaining('ENOENT')]);
    expect(await refusal('.')).toEqual(['modelMissing', 'the path is not that of a file']);
    await writeFile(path.join(folder, 'part.gguf.ipull'), modelBytes());
    expect(await refusal('part.gguf.ipull')).toEqual(['modelTruncated', 'its download has not finished']);
    await writeFile(path.join(folder, 'empty.gguf'), '');
    expect(await refusal('empty.gguf')).toEqual(['modelNotGguf', 'the file has 0 bytes']);
  });

  it('names a file cut in half', async () => {
    const written = await writeScriptedModel(path.join(folder, 'half.gguf'));
    const handle = await open(written.path, 'r+');
    await handle.truncate(Math.floor(written.fileBytes / 2));
    await handle.close();
    const [reason, detail] = await refusal('half.gguf');
    expect(reason).toBe('modelTruncated');
    expect(detail).toContain(`the file has ${Math.floor(written.fileBytes / 2)}`);
  });

  it('does not read the 256 MiB and more that a sparse file claims for its header', async () => {
    const claim = Buffer.concat([u32(9), u32(0), u64(2 ** 31)]);
    const bytes = header(withEntries({ 'test.array': claim }), []);
    const handle = await open(path.join(folder, 'sparse.gguf'), 'w');
    await handle.write(bytes);
    await handle.truncate(2 ** 40);
    await handle.close();
    const before = process.memoryUsage().arrayBuffers;
    expect((await refusal('sparse.gguf'))[0]).toBe('modelMalformed');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
  });
});

describe('a split model', () => {
  const split = (no: number, count = 2): Entries => [
    ['split.no', ['u16', no]],
    ['split.count', ['u16', count]],
    ['split.tensors.count', ['i32', 2]],
  ];
  const embedding = { name: 'token_embd.weight', dimensions: [64, 5], type: 8, offset: 0 };
  const norm = { name: 'output_norm.weight', dimensions: [64], type: 0, offset: 0 };
  const first = () => file(header([...withEntries({}), ...split(0)], [embedding]), 352);
  const second = (no = 1, name = norm.name) => file(header(split(no), [{ ...norm, name }]), 256);
  const write = (name: string, bytes: Buffer) => writeFile(path.join(folder, name), bytes);

  it('is read as one, its parts summed', async () => {
    await write('whole-00001-of-00002.gguf', first());
    await write('whole-00002-of-00002.gguf', second());
    const read = await readGgufHeader(path.join(folder, 'whole-00001-of-00002.gguf'));
    expect(read).toMatchObject({
      partCount: 2,
      fileSize: first().length + second().length,
      tensorBytes: 596,
      parameters: 384,
    });
    expect(read.tensors.map(({ name, part }) => [name, part])).toEqual([
      ['token_embd.weight', 0],
      ['output_norm.weight', 1],
    ]);
  });

  it('names the part that is missing, cut short or another one', async () => {
    await write('gone-00001-of-00002.gguf', first());
    expect(await refusal('gone-00001-of-00002.gguf')).toEqual([
      'modelTruncated',
      'part 2 of 2 is missing: gone-00002-of-00002.gguf',
    ]);
    await write('gone-00002-of-00002.gguf', second().subarray(0, -1));
    expect(await refusal('gone-00001-of-00002.gguf')).toEqual([
      'modelTruncated',
      expect.stringMatching(/^part 2 of 2, gone-00002-of-00002.gguf: the tensors need/),
    ]);
    await write('gone-00002-of-00002.gguf', second(0));
    expect(await refusal('gone-00001-of-00002.gguf')).toEqual([
      'modelMalformed',
      'part 2 of 2, gone-00002-of-00002.gguf: its number inside is 1',
    ]);
    await write('gone-00002-of-00002.gguf', second(1, embedding.name));
    expect((await refusal('gone-00001-of-00002.gguf'))[1]).toContain('same name');
  });

  it('is chosen by its first part, under its own name', async () => {
    await write('late-00002-of-00002.gguf', second());
    expect((await refusal('late-00002-of-00002.gguf'))[1]).toContain('part 2 of 2; choose the first one');
    await write('renamed.gguf', first());
    expect((await refusal('renamed.gguf'))[1]).toContain('does not end in -00001-of-00002.gguf');
    expect(partNames('a-00001-of-00003.gguf', 3)).toEqual([
      'a-00001-of-00003.gguf',
      'a-00002-of-00003.gguf',
      'a-00003-of-00003.gguf',
    ]);
  });
});
