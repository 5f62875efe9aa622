import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  formatLearned,
  nothingLearned,
  parseLearned,
  withEntry,
  type Learned,
} from '../../../src/planner/learnedFile';
import { LearnedStore } from '../../../src/planner/learnedStore';
import { collectingLogger } from '../../support/engineHarness';
import { usualConfig } from '../../support/planConfig';

const everything: Learned = {
  calibrations: {
    'cuda|RTX': {
      ramBytesPerSecond: 4e10,
      vramBytesPerSecond: 3e11,
      copyBytesPerSecond: 1e10,
      diskBytesPerSecond: 1e9,
      diskIsUpperBound: true,
      cpuMultiplyAddsPerSecond: 1e11,
      gpuMultiplyAddsPerSecond: 1e13,
      offloadMinBatch: 32,
      seconds: 8,
    },
  },
  residuals: { 'cuda|RTX': 250_000_000 },
  corrections: { 'a 20/8192': { decode: [0.9, 1.1], prefill: [] } },
  descents: {
    a: {
      asked: '{}',
      steps: [
        { kind: 'fewerSequences', from: 2, to: 1 },
        { kind: 'quantisedCache', from: 'f16', to: 'q8_0' },
      ],
    },
  },
  simulated: {
    'a cuda|RTX': [
      {
        config: { ...usualConfig, gpuLayers: 20 },
        use: { weights: { ramBytes: 1, vramBytes: 2 }, context: { ramBytes: 3, vramBytes: 4 } },
      },
    ],
  },
};

let folder: string;
let file: string;
let lines: string[];
const store = () => new LearnedStore(file, collectingLogger(lines));

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'layercake-learned-'));
  file = path.join(folder, 'storage', 'learned.json');
  lines = [];
});
afterEach(() => rm(folder, { recursive: true }));

describe('LearnedStore', () => {
  it('knows nothing at first, and all that was learned the next time', async () => {
    const first = store();
    await first.load();
    expect(first.learned).toEqual(nothingLearned);
    await first.update(() => everything);
    const second = store();
    await second.load();
    expect(second.learned).toEqual(everything);
    expect(await readdir(path.dirname(file))).toEqual(['learned.json']);
    expect(lines).toEqual([]);
  });

  it('keeps what another window learned meanwhile', async () => {
    const [one, other] = [store(), store()];
    await Promise.all([one.load(), other.load()]);
    await one.update(({ residuals }) => ({ residuals: withEntry(residuals, 'a', 1) }));
    await other.update(({ residuals }) => ({ residuals: withEntry(residuals, 'b', 2) }));
    expect(other.learned.residuals).toEqual({ a: 1, b: 2 });
  });

  it('sets a damaged file aside', async () => {
    const damaged = store();
    await damaged.update(() => everything);
    await writeFile(file, '{"version": 1, "calibrations": 7}');
    const next = store();
    await next.load();
    expect(next.learned).toEqual(nothingLearned);
    expect(lines).toHaveLength(1);
    await next.update(() => ({ residuals: { a: 1 } }));
    const names = await readdir(path.dirname(file));
    expect(names).toEqual(['learned.json', expect.stringMatching(/^learned\.json\.damaged-\d+$/)]);
    expect(parseLearned(await readFile(file, 'utf8'))).toEqual({ ...nothingLearned, residuals: { a: 1 } });
  });

  it('goes on where it cannot be written', async () => {
    await writeFile(path.join(folder, 'storage'), 'a file in the place of the folder');
    const stuck = store();
    await stuck.update(() => everything);
    expect(stuck.learned).toEqual(everything);
    expect(lines).toHaveLength(1);
  });
});

it('keeps the newest entries of each kind', () => {
  let learned = nothingLearned;
  for (let i = 0; i < 300; i++) {
    learned = {
      ...learned,
      corrections: withEntry(learned.corrections, `c${i}`, { decode: [i], prefill: [] }),
    };
  }
  learned = { ...learned, corrections: withEntry(learned.corrections, 'c44', { decode: [], prefill: [] }) };
  const kept = Object.keys(parseLearned(formatLearned(learned))?.corrections ?? {});
  expect([kept.length, kept[0], kept.at(-1)]).toEqual([256, 'c45', 'c44']);
});
