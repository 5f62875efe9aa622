import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bareHeader } from '../../../src/gguf/bareHeader';
import { describeModel } from '../../../src/gguf/model';
import { readGgufHeader } from '../../../src/gguf/readHeader';
import { parseGgufTable } from '../../../src/gguf/table';
import { writeScriptedModel } from '../../support/scriptedModel';

it('a bare header says the same of a model but for its words', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'layercake-bare-'));
  try {
    const path = join(folder, 'model.gguf');
    await writeScriptedModel(path, { shape: '8B', quant: 'Q4_K_M' });
    const header = await readGgufHeader(path);
    const bytes = bareHeader(path, header);
    expect(bytes.length).toBeLessThan(header.dataOffset / 50);

    const parsed = parseGgufTable(bytes, header.fileSize);
    if (parsed.kind !== 'parsed') throw new Error('the header is not whole');
    const bare = describeModel(parsed.value);
    expect(bare.dataOffset).toBe(bytes.length);
    expect(bare.tensors).toEqual(header.tensors);
    expect(bare.vocabularySize).toBe(128_256);
    const words = [...header.metadata.keys()].filter((key) => key.startsWith('tokenizer.'));
    expect(words).toContain('tokenizer.ggml.tokens');
    const others = [...header.metadata].filter(([key]) => !words.includes(key));
    expect([...bare.metadata]).toEqual(
      expect.arrayContaining(others.filter(([key]) => key !== 'llama.vocab_size')),
    );
    expect(bare.metadata.get('tokenizer.ggml.model')).toBe('none');
    expect(bare.metadata.get('llama.vocab_size')).toBe(128_256);
  } finally {
    await rm(folder, { recursive: true });
  }
});
