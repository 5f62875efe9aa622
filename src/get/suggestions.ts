import { weightBytes, type QuantAdvice, type QuantLevel, type QuantRow } from '../plan/quantAdvice';
import type { ModelShape } from '../plan/shape';
import { curatedModels, type CuratedModel, type Job } from './curated';
import { roughShape } from './roughShape';

/** Bits a weight, as llama.cpp's quantising tool tells them of Llama 3.1 8B (tools/quantize/README.md). */
const usualBits: Readonly<Record<string, number>> = {
  Q8_0: 8.5,
  Q6_K: 6.56,
  Q5_K_M: 5.7,
  Q4_K_M: 4.89,
  IQ4_XS: 4.46,
  Q3_K_M: 4.0,
  IQ3_XXS: 3.25,
  IQ2_M: 2.93,
  IQ2_XXS: 2.38,
};

/** Tokens a second below which a model is a burden for its job. */
const bearable: Readonly<Record<Job, number>> = { code: 5, chat: 5, completion: 20, draft: 20 };

/** What a level of a model that is not here would do, and which to take; estimated. */
export type Advise = <Level extends QuantLevel>(
  shape: ModelShape,
  levels: readonly Level[],
) => Promise<QuantAdvice<Level>>;

/** A model of the curated list with what this machine would make of it. All estimated. */
export interface Suggestion {
  model: CuratedModel;
  /** Of the level to take; undefined where none fits. */
  row: QuantRow | undefined;
  /** Whether it fits and is quick enough for its job. */
  good: boolean;
}

/** The curated list with its plans for this machine: what serves well first, each part in the list's order. */
export async function suggestModels(advise: Advise, models = curatedModels): Promise<Suggestion[]> {
  const suggestions = await Promise.all(models.map((model) => suggest(model, advise)));
  return [...suggestions.filter(({ good }) => good), ...suggestions.filter(({ good }) => !good)];
}

/** The best for talking and for code; where little serves well, the quickest of what fits. */
export function bestSuggestions(suggestions: readonly Suggestion[], count: number): Suggestion[] {
  const talking = suggestions.filter(({ model: { job } }) => job === 'code' || job === 'chat');
  const rate = ({ row }: Suggestion) => row?.decode ?? 0;
  const others = talking.filter(({ good, row }) => !good && row !== undefined);
  return [...talking.filter(({ good }) => good), ...others.sort((a, b) => rate(b) - rate(a))].slice(0, count);
}

async function suggest(model: CuratedModel, advise: Advise): Promise<Suggestion> {
  const shape = roughShape(model.name, model.facts);
  const levels =
    model.levels ??
    Object.entries(usualBits).map(([name, bits]) => ({ name, bytes: (weightBytes(shape) * bits) / 8 }));
  const { rows, recommended } = await advise(shape, levels);
  const row = rows.find(({ level }) => level === recommended?.level);
  return { model, row, good: row !== undefined && !row.warns && row.decode >= bearable[model.job] };
}
