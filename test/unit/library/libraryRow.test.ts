import { describe, expect, it } from 'vitest';
import type { LibraryEntry } from '../../../src/library/entry';
import { downloadRow } from '../../../src/library/downloadRow';
import { formatParameters, libraryRow, type ModelUses } from '../../../src/library/libraryRow';
import type { Plan } from '../../../src/plan/plan';
import type { DownloadView } from '../../../src/protocol/downloads';
import { parse } from '../gguf/smallModel';
import { namedModel } from '../../support/fakeHomes';
import { translate } from '../models/translate';

const gib = 2 ** 30;
const path = '/models/a_b.gguf';
const entry: LibraryEntry = {
  path,
  parts: [path],
  places: ['lmStudio', 'ollama'],
  copies: [
    { place: 'lmStudio', path, parts: [path] },
    { place: 'ollama', path: '/blobs/sha256-0', parts: ['/blobs/sha256-0'], label: 'a:8b' },
  ],
  sizeBytes: 4.6 * gib,
  own: false,
  name: 'A [b]',
};
const read: LibraryEntry = {
  ...entry,
  file: { path, identity: 'id', header: { ...parse(namedModel('A')), parameters: 8.03e9, quant: 'Q4_K_M' } },
};
const plan = {
  verdict: 'fits',
  reason: { kind: 'partlyOnGpu', gpuLayers: 20, totalLayers: 33, ramBytes: 3 * gib },
  config: { gpuLayers: 20, contextSize: 8192 },
  totalLayers: 33,
  rates: { decode: 12.4 },
} as Plan;
const unused: ModelUses = { loaded: undefined, chat: undefined, completions: '', draft: '' };
const rowOf = (of: LibraryEntry, planned?: Plan, uses = unused) => libraryRow(of, planned, uses, translate);

describe('a row of the list', () => {
  it('has the verdict and the facts in a line', () => {
    expect(rowOf(read, plan)).toMatchObject({
      label: 'A [b]',
      description: 'fits · 8.0B · llama · Q4_K_M · 4.6 GiB',
      icon: { id: 'pass' },
    });
  });

  it.each([
    ['tight', 'fits, barely', 'warning'],
    ['pagesFromDisk', 'reads from the disk', 'warning'],
    ['doesNotFit', 'does not fit', 'circle-slash'],
  ] as const)('says %s in words and by its icon', (verdict, words, icon) => {
    const row = rowOf(read, { ...plan, verdict });
    expect([row.description.split(' · ')[0], row.icon.id]).toEqual([words, icon]);
  });

  it('tells everything, and all places, in Markdown in which names mean nothing', () => {
    expect(rowOf(read, plan).tooltip).toBe(
      [
        '**A \\[b\\]**',
        '20 of 33 layers are on the GPU, and the rest takes 3 GiB of RAM\\. (Estimated.)',
        [
          'Parameters: 8\\.0B',
          'Architecture: llama',
          'Quant: Q4\\_K\\_M',
          'Size: 4\\.6 GiB',
          'Trained for: 4,096 tokens of context',
          'Planned: 20 of 33 layers on the GPU, 8,192 tokens of context',
          'Writing: 12 tok/s estimated',
        ].join('  \n'),
        'LM Studio: /models/a\\_b\\.gguf  \nOllama (a\\:8b): /blobs/sha256\\-0',
      ].join('\n\n'),
    );
  });

  it('says what the model is used for, whichever copy it is', () => {
    const uses = { loaded: { path: '/blobs/sha256-0' }, chat: path, completions: path, draft: path };
    const row = rowOf(read, plan, uses);
    expect(row.description).toBe('loaded · completions · draft · fits · 8.0B · llama · Q4_K_M · 4.6 GiB');
    expect(row.tooltip).toContain(
      'It is loaded. It is the model of the chat. It is kept for completions. It is kept as draft model.',
    );
    expect(rowOf(read, plan, { ...unused, chat: path }).description).toMatch(/^chosen · fits/);
  });

  it('shows a file that is no good with its cause, and one that is being read', () => {
    const row = rowOf({ ...entry, problem: 'The model is damaged (x_y).' });
    expect(row).toMatchObject({ description: 'cannot be used · 4.6 GiB', icon: { id: 'error' } });
    expect(row.tooltip).toContain('$(error) The model is damaged \\(x\\_y\\)\\.');
    expect(rowOf(entry)).toMatchObject({
      description: 'being read… · 4.6 GiB',
      icon: { id: 'circle-outline' },
    });
  });

  it('counts parameters as people do', () => {
    expect([70.55e9, 1.2e9, 134.5e6, 12e3].map(formatParameters)).toEqual(['70.5B', '1.2B', '135M', '1M']);
  });
});

describe('a row of a download', () => {
  const download: DownloadView = {
    ...{ id: '1', label: 'A Q4_K_M', state: 'running' },
    ...{ done: 2 * gib, total: 8 * gib, bytesPerSecond: 50 * 2 ** 20 },
  };
  it.each([
    [{}, '25 % · 2.0/8.0 GiB · 50 MiB/s · about 2 min left', 'cloud-download'],
    [{ bytesPerSecond: 0 }, '25 % · 2.0/8.0 GiB', 'cloud-download'],
    [{ total: 0 }, '2.0 GiB · 50 MiB/s', 'cloud-download'],
    [{ state: 'paused' }, 'paused · 25 % · 2.0/8.0 GiB', 'debug-pause'],
    [{ state: 'verifying' }, 'comparing the hash…', 'sync~spin'],
    [{ state: 'failed', problem: 'The disk is full.' }, 'failed · 25 % · 2.0/8.0 GiB', 'error'],
  ] as const)('%o', (changes, description, icon) => {
    const row = downloadRow({ ...download, ...changes }, translate);
    expect([row.description, row.icon.id]).toEqual([description, icon]);
    if ('problem' in changes) expect(row.tooltip).toContain('$(error) The disk is full\\.');
  });
});
