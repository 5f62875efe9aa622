import type { GgufHeader } from '../gguf/model';
import { qualityOf } from '../plan/advice';
import { describeQuality } from '../plan/adviceWords';
import { mmluTableFor, perplexityTable, publishedFigure, smallMmluTable } from '../plan/quantQuality';
import { describeQuantReason } from '../plan/quantAdvice';
import { describeReason } from '../plan/words';
import { formatBytes, formatCount, formatDuration, formatRate } from '../status/format';
import type { Translate } from '../translate';
import { isLossy, type LevelOffer, type LevelOffers } from './levelOffers';
import type { LevelProgress } from './makeLevel';

/** A level as a row of a list. */
export interface LevelLine {
  description: string;
  detail: string;
}

export function describeLevel(
  { header, plan, row }: LevelOffer,
  source: GgufHeader,
  t: Translate,
): LevelLine {
  const size = t('{0} ({1} bytes)', formatBytes(header.fileSize), formatCount(header.fileSize));
  // Pinned layers stay in RAM where there is no GPU.
  const gpuLayers = plan.backend === 'cpu' ? 0 : row.gpuLayers;
  const place =
    gpuLayers > 0 ? t('{0} of {1} layers on the GPU', gpuLayers, row.totalLayers) : t('all layers in RAM');
  const prospect =
    row.verdict === 'doesNotFit'
      ? t('does not fit')
      : t('{0}, {1} (estimated)', place, formatRate(row.decode));
  const published = qualityOf(header.quant, source);
  // A level above the source's own would seem to give back what was lost.
  const quality = published && isLossy(source.quant) ? { ...published, instead: undefined } : published;
  const sentences = [
    ...(plan.verdict === 'fits' ? [] : [describeReason(plan.reason, t)]),
    ...(row.warns ? [t('Answers get visibly worse.')] : []),
    quality === undefined ? t('Nobody has published what it costs.') : describeQuality(quality, t),
  ];
  return { description: `${size} · ${prospect}`, detail: sentences.join(' ') };
}

/** Which to take, and how far the published figures hold. */
export function describeRecommendation(
  { recommended }: Pick<LevelOffers, 'recommended'>,
  source: GgufHeader,
  t: Translate,
): string {
  const which = whichToTake(recommended, source, t);
  // The list's one line has no room for more.
  return isSmall(source) ? `${which} ${t('Small models lose more.')}` : which;
}

function whichToTake(recommended: LevelOffers['recommended'], { quant }: GgufHeader, t: Translate): string {
  if (recommended === undefined) return t('No level fits this machine.');
  if (recommended !== 'source') return describeQuantReason(recommended, t);
  return isLossy(quant)
    ? t('{0} fits as it is, and what is made from it loses more.', quant)
    : t('{0} serves best as it is.', quant);
}

/** What is lost where a file is made from one that has lost already. */
export function lossWarning(source: GgufHeader, target: GgufHeader, t: Translate): LevelWarning {
  const more = target.fileSize - source.fileSize;
  const sentences = [
    t(
      'What the file lost when it was made {0} stays lost, and {1} adds a loss of its own: the result is worse than {1} made from the original weights (F16 or BF16), which may be found for download.',
      source.quant,
      target.quant,
    ),
    ...[source, target].flatMap(({ quant }) => publishedLoss(quant, source.parameters, t)),
    ...(isSmall(source) ? [t('Models as small as this one lose more than those that were measured.')] : []),
    ...(more > 0
      ? [t('It takes {0} more than the file at hand, and answers no better.', formatBytes(more))]
      : []),
  ];
  return {
    message: t('The file is quantised already. Make {0} from {1} all the same?', target.quant, source.quant),
    detail: sentences.join('\n\n'),
  };
}

export interface LevelWarning {
  message: string;
  detail: string;
}

/** One line of a running job. */
export function describeLevelProgress(
  { fraction, index, count, secondsLeft }: LevelProgress,
  t: Translate,
): string {
  const percent = Math.floor(fraction * 100);
  return secondsLeft === undefined
    ? t('{0} %, tensor {1} of {2}', percent, index, count)
    : t('{0} %, tensor {1} of {2}, {3} left (estimated)', percent, index, count, formatDuration(secondsLeft));
}

function isSmall({ parameters }: GgufHeader): boolean {
  return parameters < smallMmluTable.parameters / 2;
}

function publishedLoss(quant: string, parameters: number, t: Translate): string[] {
  const increase = publishedFigure(perplexityTable, quant);
  const mmluTable = mmluTableFor(parameters);
  const mmlu = publishedFigure(mmluTable, quant);
  return [
    ...(increase === undefined
      ? []
      : [
          t(
            'Published of {0}: the perplexity of {1} is {2} % above the unquantised one’s.',
            quant,
            perplexityTable.model,
            increase.toFixed(1),
          ),
        ]),
    ...(mmlu === undefined
      ? []
      : [t('Published of {0}: {1} answers {2} % of MMLU with it.', quant, mmluTable.model, mmlu.toFixed(1))]),
  ];
}
