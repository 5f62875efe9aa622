import type { MemoryOracle } from './memory';
import type { Plan, PlanRequest, Verdict } from './plan';
import { losesLittle, mmluTableFor, perplexityTable, publishedFigure, warnsAtLoad } from './quantQuality';
import type { ModelShape } from './shape';
import { solve } from './solve';
import type { Words } from './words';

/** A level of the model: its own shape, or the bytes of its file where only they are known. */
export type QuantLevel = { name: string; shape: ModelShape } | { name: string; bytes: number };

export interface QuantRow<Level extends QuantLevel = QuantLevel> {
  /** As it was asked about. */
  level: Level;
  name: string;
  /** Of the weights. */
  bytes: number;
  gpuLayers: number;
  totalLayers: number;
  verdict: Verdict;
  /** Estimated. */
  decode: number;
  prefill: number;
  requestSeconds: number;
  /** Percent, from `perplexityTable`; undefined where there is no figure. */
  perplexityIncrease: number | undefined;
  /** Percent, from `mmluTableFor(parameters)`; undefined where there is no figure. */
  mmlu: number | undefined;
  warns: boolean;
}

export type QuantReason =
  /** The best level of which everything is on the GPU. */
  | { kind: 'bestOnGpu' }
  /** The quickest of those that lose little by published figures. */
  | { kind: 'quickestWithLittleLoss' }
  /** The largest that fits, for want of one that loses little. */
  | { kind: 'bestThatFits'; warns: boolean };

export interface QuantChoice<Level extends QuantLevel = QuantLevel> {
  level: Level;
  reason: QuantReason;
}

export interface QuantAdvice<Level extends QuantLevel = QuantLevel> {
  /** Largest first. */
  rows: QuantRow<Level>[];
  recommended: QuantChoice<Level> | undefined;
}

/**
 * What each level of a model would do on a machine, and which to take.
 * @param request the question as for one file; its pins of layers are left out, its shape is that of any level
 * @param oracleOf tells the bytes of a level
 */
export function adviseQuant<Level extends QuantLevel>(
  request: Omit<PlanRequest, 'oracle'>,
  levels: readonly Level[],
  oracleOf: (shape: ModelShape) => MemoryOracle,
): QuantAdvice<Level> {
  const pins = { ...request.pins };
  delete pins.gpuLayers;
  const rows = levels
    .map((level) => {
      const shape = 'shape' in level ? level.shape : scaleShape(request.shape, level.bytes);
      return quantRow(level, shape, solve({ ...request, pins, shape, oracle: oracleOf(shape) }));
    })
    .sort((a, b) => b.bytes - a.bytes);
  return { rows, recommended: recommendQuant(rows, request.shape.parameters) };
}

/** What a level does by its plan. */
export function quantRow<Level extends QuantLevel>(
  level: Level,
  shape: ModelShape,
  { config, totalLayers, verdict, rates }: Plan,
): QuantRow<Level> {
  return {
    level,
    name: level.name,
    bytes: weightBytes(shape),
    gpuLayers: config.gpuLayers,
    ...{ totalLayers, verdict },
    decode: rates.decode,
    prefill: rates.prefill,
    requestSeconds: rates.requestSeconds,
    perplexityIncrease: publishedFigure(perplexityTable, level.name),
    mmlu: publishedFigure(mmluTableFor(shape.parameters), level.name),
    warns: warnsAtLoad(level.name),
  };
}

/** @param rows largest first */
export function recommendQuant<Level extends QuantLevel>(
  rows: readonly QuantRow<Level>[],
  parameters: number,
): QuantChoice<Level> | undefined {
  const fitting = rows.filter((row) => row.verdict === 'fits' || row.verdict === 'tight');
  const sound = fitting.filter((row) => !row.warns);
  const whole = sound.find((row) => row.gpuLayers === row.totalLayers);
  if (whole !== undefined) return { level: whole.level, reason: { kind: 'bestOnGpu' } };
  const gentle = sound.filter((row) => losesLittle(row.name, parameters) === true);
  if (gentle.length > 0) {
    const quickest = gentle.reduce((a, b) => (b.requestSeconds < a.requestSeconds ? b : a));
    return { level: quickest.level, reason: { kind: 'quickestWithLittleLoss' } };
  }
  const best = sound[0] ?? fitting[0];
  return best && { level: best.level, reason: { kind: 'bestThatFits', warns: best.warns } };
}

/** Why a level is recommended, in one sentence. */
export function describeQuantReason({ level: { name }, reason }: QuantChoice, t: Words): string {
  switch (reason.kind) {
    case 'bestOnGpu':
      return t('{0} is the best level of which all layers fit on the GPU.', name);
    case 'quickestWithLittleLoss':
      return t('{0} is the quickest level that loses little by published figures.', name);
    case 'bestThatFits':
      return reason.warns
        ? t(
            '{0} is the best level that fits, but answers get visibly worse with it: a smaller model may serve better.',
            name,
          )
        : t('{0} is the best level that fits.', name);
  }
}

export function weightBytes(shape: ModelShape): number {
  return shape.layers.reduce((sum, layer) => sum + layer.weightBytes + layer.expertBytes, shape.inputBytes);
}

/** A shape as another level would have it, every tensor taken to grow or shrink alike. */
export function scaleShape(shape: ModelShape, bytes: number): ModelShape {
  const factor = bytes / weightBytes(shape);
  return {
    ...shape,
    inputBytes: shape.inputBytes * factor,
    repackedBytes: shape.repackedBytes * factor,
    layers: shape.layers.map((layer) => ({
      ...layer,
      weightBytes: layer.weightBytes * factor,
      expertBytes: layer.expertBytes * factor,
    })),
  };
}
