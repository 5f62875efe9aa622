import type { GgufHeader } from '../gguf/model';
import { levelHeader, sizeLevels } from '../models/levelSizes';
import type { Quantize } from '../models/quantizeProcess';
import type { Plan } from '../plan/plan';
import { quantRow, recommendQuant, type QuantChoice, type QuantRow } from '../plan/quantAdvice';
import { shapeOf } from '../plan/shapeOf';
import type { PlannedFile } from '../planner/planner';

/** What llama.cpp can make of any model, the largest first. */
const levels = [
  ...['Q8_0', 'Q6_K', 'Q5_K_M', 'Q5_K_S', 'Q5_0', 'Q4_K_M', 'Q4_K_S', 'Q4_1', 'Q4_0', 'IQ4_NL', 'IQ4_XS'],
  ...['Q3_K_L', 'Q3_K_M', 'Q3_K_S', 'IQ3_M', 'IQ3_S', 'Q2_K'],
];
/** Worth making of 32-bit weights alone: others would gain nothing. */
const halves = ['F16', 'BF16'];
/** Without an importance matrix llama.cpp refuses them for any model, since answers would be garbage. */
const importanceLevels = [
  ...['IQ3_XS', 'IQ3_XXS', 'Q2_K_S', 'IQ2_M', 'IQ2_S', 'IQ2_XS', 'IQ2_XXS', 'IQ1_M', 'IQ1_S'],
];

const nearlyLossless = new Set(['F32', 'F16', 'BF16', 'Q8_0']);

/** Whether what a level has lost matters for a file that is made from it. */
export function isLossy(quant: string): boolean {
  return !nearlyLossless.has(quant);
}

export interface LevelOffer {
  row: QuantRow;
  plan: Plan;
  /** Of the file that would be written. */
  header: GgufHeader;
}

export interface LevelOffers {
  offers: LevelOffer[];
  /** The source itself may be the one; undefined where none fits. */
  recommended: QuantChoice | 'source' | undefined;
  /** Levels that need an importance matrix. */
  needImportance: string[];
  refused: { level: string; detail: string }[];
}

export interface OfferDeps {
  quantize: Quantize;
  /** The plan of a file under the present settings. */
  preview: (file: PlannedFile) => Promise<Plan>;
  /** Path that a level would get. */
  targetOf: (level: string) => string;
}

/** What can be made of a file, and what each level would do on this machine. Rejects as `quantize` does. */
export async function offerLevels(
  source: PlannedFile,
  deps: OfferDeps,
  signal?: AbortSignal,
): Promise<LevelOffers> {
  const { quant } = source.header;
  const asked = [...(quant === 'F32' ? halves : []), ...levels].filter((level) => level !== quant);
  const headers: GgufHeader[] = [];
  const needImportance: string[] = [];
  const refused: LevelOffers['refused'] = [];
  await sizeLevels(
    deps.quantize,
    source.path,
    asked,
    (message) => {
      if (message.kind === 'refused') refused.push({ level: message.level, detail: message.detail });
      else if (message.needsImportance) needImportance.push(message.level);
      else headers.push(levelHeader(source.header, message));
    },
    signal,
  );
  const offers = await Promise.all(headers.map((header) => offerOf(source, header, deps)));
  offers.sort((a, b) => b.header.fileSize - a.header.fileSize);
  return {
    offers,
    recommended: await recommend(source, offers, deps),
    needImportance: [...needImportance, ...importanceLevels],
    refused,
  };
}

async function offerOf(source: PlannedFile, header: GgufHeader, deps: OfferDeps): Promise<LevelOffer> {
  const { quant: name } = header;
  const identity = `${source.identity}-${name}`;
  const plan = await deps.preview({ path: deps.targetOf(name), identity, header });
  return { header, plan, row: rowOf(header, plan) };
}

function rowOf(header: GgufHeader, plan: Plan): QuantRow {
  return quantRow({ name: header.quant, bytes: header.tensorBytes }, shapeOf(header), plan);
}

/** What has lost already is left alone where it fits; larger than the source is never better. */
async function recommend(
  source: PlannedFile,
  offers: readonly LevelOffer[],
  deps: OfferDeps,
): Promise<LevelOffers['recommended']> {
  const own = rowOf(source.header, await deps.preview(source));
  if (isLossy(own.name) && (own.verdict === 'fits' || own.verdict === 'tight')) return 'source';
  const smaller = offers.map(({ row }) => row).filter(({ bytes }) => bytes < own.bytes);
  const choice = recommendQuant([own, ...smaller], source.header.parameters);
  return choice?.level.name === own.name ? 'source' : choice;
}
