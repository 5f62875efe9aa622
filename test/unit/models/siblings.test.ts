import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isModelName, listGgufFiles, modelStem, type GgufFile } from '../../../src/models/ggufFiles';
import type { ModelFile } from '../../../src/models/modelFile';
import { maxHeaders, Siblings } from '../../../src/models/siblings';

describe('names', () => {
  it.each([
    ['Llama-3-70B-Instruct-Q4_K_M.gguf', 'llama-3-70b-instruct'],
    ['Llama-3-70B-Instruct.IQ2_XXS.gguf', 'llama-3-70b-instruct'],
    ['Llama-3-70B-Instruct-UD-Q4_K_XL-00001-of-00002.gguf', 'llama-3-70b-instruct'],
    ['SmolLM2-135M-Instruct.Q4_1.gguf', 'smollm2-135m-instruct'],
    ['gpt-oss-20b-mxfp4.gguf', 'gpt-oss-20b'],
    ['qwen2.5-coder-14b-BF16.gguf', 'qwen2.5-coder-14b'],
    ['Qwen3-8B.gguf', 'qwen3-8b'],
  ])('%s is a level of %s', (name, stem) => {
    expect(modelStem(name)).toBe(stem);
  });

  it('tells models from parts and projectors', () => {
    expect(isModelName('a-00001-of-00003.gguf')).toBe(true);
    expect(isModelName('a-00002-of-00003.gguf')).toBe(false);
    expect(isModelName('mmproj-a-F16.gguf')).toBe(false);
    expect(isModelName('a.gguf.ipull')).toBe(false);
    expect(isModelName('A.GGUF')).toBe(true);
  });
});

describe('listGgufFiles', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gguf-files-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('lists files with their sizes, no folders, nothing below', async () => {
    await writeFile(path.join(folder, 'b.gguf'), 'bbb');
    await writeFile(path.join(folder, 'a.gguf'), 'a');
    await writeFile(path.join(folder, 'readme.md'), '');
    await mkdir(path.join(folder, 'c.gguf'));
    const files = await listGgufFiles(folder);
    expect(files.map(({ path: file, sizeBytes }) => [path.basename(file), sizeBytes])).toEqual([
      ['a.gguf', 1],
      ['b.gguf', 3],
    ]);
  });

  it('has nothing to say of a folder that is not there', async () => {
    expect(await listGgufFiles(path.join(folder, 'none'))).toEqual([]);
  });
});

describe('Siblings', () => {
  const model = (file: string, sizeBytes: number, changes: Partial<ModelFile> = {}): ModelFile => ({
    path: file,
    name: 'Llama 3 70B',
    quant: 'Q4_K_M',
    sizeBytes,
    totalLayers: 81,
    trainContextSize: 8192,
    architecture: 'llama',
    identity: 'Llama-3/70B',
    ...changes,
  });
  const listed = (file: ModelFile): GgufFile => ({ path: file.path, sizeBytes: file.sizeBytes, modified: 1 });

  const q4 = model('/m/Llama-3-70B-Q4_K_M.gguf', 40);
  const q2 = model('/m/Llama-3-70B-Q2_K.gguf', 25, { identity: undefined });
  const renamed = model('/more/my-favourite.gguf', 70);
  const otherModel = model('/m/Llama-2-70B-Q2_K.gguf', 24, { identity: 'Llama-2/70B' });
  const draft = model('/m/Llama-3-70B-Q8_0.gguf', 3, { totalLayers: 17 });
  const broken = '/m/Llama-3-70B-Q3_K_M.gguf';

  function sources(files: Record<string, ModelFile[]>, extra: GgufFile[] = []) {
    const all = Object.values(files).flat();
    const inspected: string[] = [];
    return {
      inspected,
      list: (folder: string) =>
        Promise.resolve([...(files[folder] ?? []).map(listed), ...(folder === '/m' ? extra : [])]),
      inspect: (file: string) => {
        inspected.push(file);
        const found = all.find((each) => each.path === file);
        return found ? Promise.resolve(found) : Promise.reject(new Error('no GGUF'));
      },
    };
  }

  it('finds levels by name and by header, smallest first, and nothing else', async () => {
    const siblings = new Siblings(
      sources({ '/m': [q4, q2, otherModel, draft], '/more': [renamed] }, [
        { path: broken, sizeBytes: 30, modified: 1 },
      ]),
    );
    const found = await siblings.find(q4, ['/more', '/m']);
    expect(found.map((file) => file.path)).toEqual([q2.path, q4.path, renamed.path]);
    expect(found[0]).not.toHaveProperty('identity');
  });

  it('gives the file alone where it has none beside it', async () => {
    const siblings = new Siblings(sources({ '/m': [] }));
    expect((await siblings.find(q4, [])).map((file) => file.path)).toEqual([q4.path]);
  });

  it('reads a bounded number of headers, those named alike first, and none twice', async () => {
    const many = Array.from({ length: 80 }, (_, i) => model(`/m/a-model-${i}.gguf`, i, { identity: `${i}` }));
    const source = sources({ '/m': [...many, q4, q2] });
    const siblings = new Siblings(source);
    const first = await siblings.find(q4, []);
    expect(first.map((file) => file.path)).toEqual([q2.path, q4.path]);
    expect(source.inspected).toHaveLength(maxHeaders);
    await siblings.find(q4, []);
    expect(source.inspected).toHaveLength(maxHeaders);
  });
});
