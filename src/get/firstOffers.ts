import type { LibraryEntry } from '../library/entry';
import type { Plan, Verdict } from '../plan/plan';
import type { PlannedFile } from '../planner/planner';
import type { ModelOffer, ModelOffers } from '../protocol/webview';
import { formatBytes } from '../status/format';
import type { Translate } from '../translate';
import { planWords, suggestionRow } from './getRows';
import { bestSuggestions, suggestModels, type Advise } from './suggestions';

export interface FirstOffersDeps {
  /** Every model on this machine. */
  models: () => Promise<readonly LibraryEntry[]>;
  /** By formulas, under the present settings. */
  preview: (file: PlannedFile) => Promise<Plan>;
  advise: Advise;
  t: Translate;
}

/** Of each kind: a first screen is no list. */
const count = 3;

const order: readonly Verdict[] = ['fits', 'tight', 'pagesFromDisk', 'doesNotFit'];

/** What to begin with where no model is configured: what is here already, and the best of the curated list. */
export async function firstOffers({ models, preview, advise, t }: FirstOffersDeps): Promise<ModelOffers> {
  const suggested = bestSuggestions(await suggestModels(advise), count).map((suggestion): ModelOffer => {
    const { label: name, detail = '' } = suggestionRow(suggestion, t);
    return { id: suggestion.model.repository, name, plan: detail };
  });
  return { here: await offersHere(await models(), preview, t), suggested };
}

/** Those that fit before those that do not, of these the largest: more weights are more knowledge. */
async function offersHere(
  models: readonly LibraryEntry[],
  preview: FirstOffersDeps['preview'],
  t: Translate,
): Promise<ModelOffer[]> {
  const planned = await Promise.all(
    models.map(async (entry) => {
      const plan = entry.file && (await preview(entry.file).catch(() => undefined));
      return plan === undefined ? [] : [{ entry, plan }];
    }),
  );
  return planned
    .flat()
    .sort(
      (a, b) =>
        order.indexOf(a.plan.verdict) - order.indexOf(b.plan.verdict) ||
        b.entry.sizeBytes - a.entry.sizeBytes,
    )
    .slice(0, count)
    .map(({ entry, plan }) => {
      const figures = { ...plan, gpuLayers: plan.config.gpuLayers, decode: plan.rates.decode };
      const facts = [entry.file?.header.quant ?? '', formatBytes(entry.sizeBytes), planWords(figures, t)];
      return { id: entry.path, name: entry.name, plan: facts.filter((fact) => fact !== '').join(' · ') };
    });
}
