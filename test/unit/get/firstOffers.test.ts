import { describe, expect, it } from 'vitest';
import { firstOffers } from '../../../src/get/firstOffers';
import type { Advise } from '../../../src/get/suggestions';
import type { LibraryEntry } from '../../../src/library/entry';
import type { Plan, Verdict } from '../../../src/plan/plan';
import type { PlannedFile } from '../../../src/planner/planner';
import { translate } from '../models/translate';

const gib = 2 ** 30;

/** A model at hand as far as the first screen looks; without a verdict its header could not be read. */
function entry(name: string, sizeGib: number, verdict?: Verdict): LibraryEntry {
  const path = `/models/${name}.gguf`;
  const file = { path, identity: verdict ?? '', header: { quant: 'Q4_K_M' } } as PlannedFile;
  return {
    ...{ name, path, parts: [path], places: [], copies: [], own: false, sizeBytes: sizeGib * gib },
    ...(verdict !== undefined && { file }),
  };
}

const preview = ({ identity }: PlannedFile) =>
  Promise.resolve({
    ...{ verdict: identity, totalLayers: 33, config: { gpuLayers: 20 }, rates: { decode: 7.5 } },
  } as unknown as Plan);
/** A machine that carries nothing of what there is to get. */
const nothingFits: Advise = () => Promise.resolve({ rows: [], recommended: undefined });

const offers = (...models: LibraryEntry[]) =>
  firstOffers({ models: () => Promise.resolve(models), preview, advise: nothingFits, t: translate });

describe('the first screen', () => {
  it('offers what fits first, of that the largest, and no more than three', async () => {
    const { here } = await offers(
      entry('small', 1, 'fits'),
      entry('huge', 90, 'doesNotFit'),
      entry('large', 20, 'fits'),
      entry('broken', 5),
      entry('tight', 30, 'tight'),
    );
    expect(here.map(({ name }) => name)).toEqual(['large', 'small', 'tight']);
    expect(here[0]).toEqual({
      id: '/models/large.gguf',
      name: 'large',
      plan: 'Q4_K_M · 20.0 GiB · fits · 20 of 33 layers on the GPU · 7.5 tok/s estimated',
    });
  });

  it('suggests nothing that does not fit', async () => {
    expect(await offers()).toEqual({ here: [], suggested: [] });
  });
});
