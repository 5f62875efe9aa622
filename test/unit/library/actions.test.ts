import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDeletable, deleteOwnCopies } from '../../../src/library/deleteModel';
import { whyNoDraft } from '../../../src/library/draftFit';
import type { LibraryEntry } from '../../../src/library/entry';
import { PlannedFiles } from '../../../src/planner/plannedFiles';
import type { PlannedFile } from '../../../src/planner/planner';
import { modelBytes } from '../gguf/smallModel';
import { translate } from '../models/translate';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lc-actions-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a draft model', () => {
  const words = Array.from({ length: 300 }, (_, index) => `w${index}`);
  const model = async (name: string, ...change: Parameters<typeof modelBytes>): Promise<PlannedFile> => {
    const file = path.join(folder, name);
    await writeFile(file, modelBytes(...change));
    return await new PlannedFiles().open(file);
  };
  const withWords = (tokens: string[]) => ({ 'tokenizer.ggml.tokens': ['array', 'string', tokens] }) as const;
  const chat = () => model('chat.gguf', withWords(words));

  it('may have some tokens more, and other ones among the first five', async () => {
    const tokens = [...words, ...Array.from({ length: 128 }, (_, index) => `more${index}`)];
    tokens[4] = 'special';
    expect(whyNoDraft(await model('draft.gguf', withWords(tokens)), await chat(), translate)).toBeUndefined();
  });

  it('is refused where the vocabulary differs, with the difference', async () => {
    const shorter = await model('shorter.gguf', withWords(words.slice(0, 100)));
    expect(whyNoDraft(shorter, await chat(), translate)).toBe(
      'Its vocabulary has 100 tokens, and that of the chat model 300.',
    );
    const other = await model('other.gguf', withWords(words.map((word, i) => (i === 123 ? 'x' : word))));
    expect(whyNoDraft(other, await chat(), translate)).toBe(
      'Its vocabulary is another one than that of the chat model: token 123 differs.',
    );
    const eos = (id: number) => ({ 'tokenizer.ggml.eos_token_id': ['u32', id] }) as const;
    const [left, right] = [
      await model('left.gguf', { ...withWords(words), ...eos(2) }),
      await model('right.gguf', { ...withWords(words), ...eos(7) }),
    ];
    expect(whyNoDraft(left, right, translate)).toBe(
      'Its tokeniser is another one than that of the chat model (tokenizer.ggml.eos_token_id differs).',
    );
  });
});

describe('deleting', () => {
  const entryOf = (own: string[], other?: string): LibraryEntry => ({
    ...{ path: own[0] ?? '', parts: own, places: ['layercake'], own: true, name: 'Model', sizeBytes: 1 },
    copies: [
      ...(own.length === 0 ? [] : [{ place: 'layercake' as const, path: own[0] ?? '', parts: own }]),
      ...(other === undefined ? [] : [{ place: 'lmStudio' as const, path: other, parts: [other] }]),
    ],
  });

  it('takes all parts of Layercake’s own copy and what is beside them, and nothing else', async () => {
    const names = ['a-00001-of-00002.gguf', 'a-00002-of-00002.gguf', 'a-00001-of-00002.gguf.sha256'];
    for (const name of [...names, 'b.gguf', 'other.gguf']) await writeFile(path.join(folder, name), '');
    const own = names.slice(0, 2).map((name) => path.join(folder, name));
    await deleteOwnCopies(entryOf(own, path.join(folder, 'other.gguf')));
    expect((await readdir(folder)).sort()).toEqual(['b.gguf', 'other.gguf']);
  });

  it('is refused for what other programs keep, and while the model is loaded', () => {
    expect(() => checkDeletable(entryOf([], '/lm/a.gguf'), undefined, translate)).toThrow(
      'Model is not in a folder of Layercake’s own. Delete it in the program that keeps it.',
    );
    expect(() => checkDeletable(entryOf(['/own/a.gguf']), '/own/a.gguf', translate)).toThrow(
      'Model is loaded. Unload it first, then delete it.',
    );
    expect(() => checkDeletable(entryOf(['/own/a.gguf']), '/own/b.gguf', translate)).not.toThrow();
  });
});
