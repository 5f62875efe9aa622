import type {
  OneSequenceView,
  PlanCategory,
  PlanPlaceView,
  PlanView,
  QualitySource,
  QuantAdviceView,
  QuantPlanView,
} from '../../src/protocol/webview';
import { list, numberOr, optionalNumber, optionalText, record, textOr } from '../loose';
import { planCategories } from './memoryParts';
import { parseKvCacheType } from './parseForm';

const verdicts: readonly PlanView['verdict'][] = ['fits', 'tight', 'pagesFromDisk', 'doesNotFit'];

/** A plan; undefined where it lacks its verdict. */
export function parsePlan(data: unknown): PlanView | undefined {
  const plan = record(data);
  const verdict = verdicts.find((each) => each === plan['verdict']);
  if (!verdict) return undefined;
  return {
    gpuLayers: numberOr(plan['gpuLayers'], 0),
    totalLayers: numberOr(plan['totalLayers'], 1),
    contextSize: numberOr(plan['contextSize'], 0),
    batchSize: numberOr(plan['batchSize'], 0),
    kvCacheType: parseKvCacheType(plan['kvCacheType']) ?? 'f16',
    flashAttention: plan['flashAttention'] === true,
    sequences: numberOr(plan['sequences'], 1),
    mmap: plan['mmap'] === true,
    threads: numberOr(plan['threads'], 1),
    verdict,
    reason: textOr(plan['reason']),
    vram: parseVram(plan['vram']),
    ram: parsePlace(plan['ram']),
    decode: numberOr(plan['decode'], 0),
    prefill: numberOr(plan['prefill'], 0),
    requestSeconds: numberOr(plan['requestSeconds'], 0),
    measuredDecode: optionalNumber(plan['measuredDecode']),
    nextLayer: parseNextLayer(plan['nextLayer']),
    oneSequence: parseOneSequence(plan['oneSequence']),
    advice: Array.isArray(plan['advice']) ? plan['advice'].filter((text) => typeof text === 'string') : [],
    simulated: plan['simulated'] === true,
    calibrated: plan['calibrated'] === true,
  };
}

/** What is told of quant levels; undefined where nothing is. */
export function parseQuantAdvice(data: unknown): QuantAdviceView | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const advice = record(data);
  return {
    rows: list(advice['rows'], parseQuantPlan),
    recommendation: optionalText(advice['recommendation']),
    perplexity: parseSource(advice['perplexity']),
    mmlu: parseSource(advice['mmlu']),
  };
}

function parseSource(data: unknown): QualitySource {
  const source = record(data);
  return { model: textOr(source['model']), source: textOr(source['source']) };
}

function parseQuantPlan(data: unknown): QuantPlanView | undefined {
  const quant = record(data);
  if (typeof quant['level'] !== 'string') return undefined;
  return {
    level: quant['level'],
    path: optionalText(quant['path']),
    sizeBytes: numberOr(quant['sizeBytes'], 0),
    gpuLayers: numberOr(quant['gpuLayers'], 0),
    decode: numberOr(quant['decode'], 0),
    fits: quant['fits'] === true,
    perplexityIncrease: optionalNumber(quant['perplexityIncrease']),
    mmlu: optionalNumber(quant['mmlu']),
    suggested: quant['suggested'] === true,
  };
}

function parsePlace(data: unknown): PlanPlaceView {
  const place = record(data);
  const bytes = record(place['bytes']);
  return {
    totalBytes: numberOr(place['totalBytes'], 0),
    otherBytes: numberOr(place['otherBytes'], 0),
    bytes: Object.fromEntries(
      planCategories.map((category) => [category, numberOr(bytes[category], 0)]),
    ) as Record<PlanCategory, number>,
  };
}

function parseVram(data: unknown): PlanView['vram'] {
  if (typeof data !== 'object' || data === null) return undefined;
  const vram = record(data);
  return {
    ...parsePlace(data),
    name: textOr(vram['name']),
    budgetBytes: numberOr(vram['budgetBytes'], 0),
  };
}

function parseNextLayer(data: unknown): PlanView['nextLayer'] {
  const layer = record(data);
  const bytes = optionalNumber(layer['bytes']);
  return bytes === undefined ? undefined : { bytes, overBytes: numberOr(layer['overBytes'], 0) };
}

function parseOneSequence(data: unknown): OneSequenceView | undefined {
  const reason = record(data);
  switch (reason['kind']) {
    case 'layers':
      return { kind: 'layers', layers: numberOr(reason['layers'], 0) };
    case 'time':
      return { kind: 'time', slowdown: numberOr(reason['slowdown'], 0) };
    case 'memory':
      return { kind: 'memory', bytes: numberOr(reason['bytes'], 0) };
    default:
      return undefined;
  }
}
