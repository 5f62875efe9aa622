import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EngineError } from '../../../src/errors';
import { listGgufFiles } from '../../../src/models/ggufFiles';
import { inspectModelFile } from '../../../src/models/modelFile';
import { Siblings } from '../../../src/models/siblings';
import { modelBytes } from '../gguf/smallModel';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'model-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, bytes: Buffer): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
}

it('says what a real header says', async () => {
  const bytes = modelBytes();
  const file = await write('small-Q8_0.gguf', bytes);
  expect(await inspectModelFile(file)).toEqual({
    path: file,
    name: 'Small',
    quant: 'Q8_0',
    sizeBytes: bytes.length,
    totalLayers: 3,
    trainContextSize: 4096,
    architecture: 'llama',
    identity: 'Small',
  });
});

it('gives the header’s reason for a file that is no good', async () => {
  const cut = await write('cut.gguf', modelBytes().subarray(0, 700));
  const words = await write('words.gguf', Buffer.from('Not a model at all, but a text.'));
  const reasons = await Promise.all(
    [cut, words, path.join(folder, 'none.gguf')].map((file) =>
      inspectModelFile(file).catch((error: unknown) =>
        EngineError.is(error) ? error.failure.reason : error,
      ),
    ),
  );
  expect(reasons).toEqual(['modelTruncated', 'modelNotGguf', 'modelMissing']);
});

it('finds the levels of a model in a folder of files', async () => {
  const level = (changes: Parameters<typeof modelBytes>[0]) => modelBytes(changes);
  const q8 = await write('small-Q8_0.gguf', level({}));
  const named = await write('favourite.gguf', level({ 'general.note': ['string', 'the same, longer'] }));
  await write('other.gguf', level({ 'general.name': ['string', 'Other'] }));
  await write('small-Q4_0.gguf', Buffer.from('GGUF, but broken'));
  const siblings = new Siblings({ list: listGgufFiles, inspect: inspectModelFile });
  const found = await siblings.find(await inspectModelFile(q8), []);
  expect(found.map((file) => file.path)).toEqual([q8, named]);
});
