import { placeExperts } from './expertPlacement';
import { vramLimit } from './fit';
import type { Machine } from './machine';
import type { MemoryOracle } from './memory';
import type { Plan, PlanRequest, Verdict } from './plan';
import {
  largeMmluTable,
  mmluTableFor,
  perplexityTable,
  publishedFigure,
  smallMmluTable,
  warnsAtLoad,
  type QualityTable,
} from './quantQuality';
import { scaleShape, weightBytes as bytesOf, type QuantLevel } from './quantAdvice';
import type { ModelShape } from './shape';
import { solve } from './solve';

/** What would change. Bytes are totals to have, not additions. */
export type AdviceChange =
  | { kind: 'unpin'; pin: keyof PlanRequest['pins']; value: number | string | boolean }
  | { kind: 'raiseBudget'; bytes: number }
  /** RAM that other programs hold, bytes. */
  | { kind: 'freeRam'; bytes: number }
  /** quality: of the level and of the one planned for, as published of one model; undefined without figures. */
  | { kind: 'smallerQuant'; name: string; quality: QuantQuality | undefined; warns: boolean }
  /** mmlu: of the small model and of the big one, both as published for Llama 3; undefined without figures. */
  | { kind: 'smallerModel'; name: string; mmlu: { small: number; big: number } | undefined }
  /** Beside the plan: llama.cpp's --n-cpu-moe, which the embedded engine does not have. */
  | { kind: 'expertsOnCpu'; layers: number; vramBytes: number; ramBytes: number }
  | { kind: 'moreRam'; bytes: number }
  | { kind: 'moreVram'; bytes: number };

/** Percent, by `table`. */
export interface QuantQuality {
  table: QualityTable;
  of: number;
  /** undefined: there is no figure. */
  instead: number | undefined;
}

/** What it would bring, estimated. */
export interface AdviceEffect {
  verdict: Verdict;
  /** tok/s, before and after. */
  decode: { from: number; to: number };
  /** Seconds of the typical request, before and after. */
  requestSeconds: { from: number; to: number };
}

export interface Advice {
  change: AdviceChange;
  effect: AdviceEffect;
}

/** What could be had instead. */
export interface Alternatives {
  oracleOf: (shape: ModelShape, machine: Machine) => MemoryOracle;
  /** Other levels of the model. */
  levels?: readonly QuantLevel[];
  /** Models that could be used in its place. */
  models?: readonly ModelShape[];
}

/** Sizes that are sold, GiB. */
const ramSizes = [16, 24, 32, 48, 64, 96, 128, 192, 256];
const vramSizes = [8, 12, 16, 24, 32, 48, 96];
const gibibyte = 2 ** 30;

/** Shortening of a request below which it is not worth a sentence. */
const leastGain = 0.05;

/** Fits and tight count alike: what is left over speeds nothing up. */
const verdictRank: Record<Verdict, number> = { doesNotFit: 0, pagesFromDisk: 1, tight: 2, fits: 2 };

/** What it takes: nothing; another program; memory; a card. */
const costs: Record<AdviceChange['kind'], number> = {
  unpin: 0,
  raiseBudget: 0,
  freeRam: 0,
  smallerQuant: 0,
  smallerModel: 0,
  expertsOnCpu: 1,
  moreRam: 2,
  moreVram: 3,
};

/**
 * What would help, best first: what lifts the verdict comes before what does not, then what costs nothing before what
 * is bought, then by the time saved. At most one of each kind (of each pin); empty where nothing brings 5 %.
 */
export function advise(request: PlanRequest, plan: Plan, alternatives: Alternatives): Advice[] {
  const rank = (advice: Advice) => verdictRank[advice.effect.verdict];
  const seconds = (advice: Advice) => advice.effect.requestSeconds.to;
  const before = verdictRank[plan.verdict];
  const helps = (advice: Advice) =>
    rank(advice) > before || (rank(advice) === before && gain(advice) >= leastGain);
  return [
    ...unpinned(request, plan),
    ...raisedBudget(request, plan),
    ...freedRam(request, plan),
    ...otherQuant(request, plan, alternatives),
    ...otherModel(request, plan, alternatives),
    ...expertsAside(request, plan),
    ...boughtRam(request, plan, alternatives),
    ...boughtVram(request, plan, alternatives),
  ]
    .map(likeMeasured(request, plan))
    .filter((advice) => advice.effect.verdict !== 'doesNotFit' && helps(advice))
    .sort(
      (a, b) => rank(b) - rank(a) || costs[a.change.kind] - costs[b.change.kind] || seconds(a) - seconds(b),
    );
}

/** A plan that answers have corrected is compared with predictions that are corrected alike. */
function likeMeasured(request: PlanRequest, { config, rates }: Plan): (advice: Advice) => Advice {
  const predicted = solve({ ...request, pins: { ...request.pins, ...config } }).rates;
  const decodeFactor = rates.decode / predicted.decode;
  const secondsFactor = rates.requestSeconds / predicted.requestSeconds;
  const usable = [decodeFactor, secondsFactor].every((factor) => Number.isFinite(factor) && factor > 0);
  return ({ change, effect: { verdict, decode, requestSeconds } }) => ({
    change,
    effect: {
      verdict,
      decode: { ...decode, to: decode.to * (usable ? decodeFactor : 1) },
      requestSeconds: { ...requestSeconds, to: requestSeconds.to * (usable ? secondsFactor : 1) },
    },
  });
}

/** Share of the request's time that is saved. */
function gain({ effect: { requestSeconds } }: Advice): number {
  return 1 - requestSeconds.to / requestSeconds.from;
}

function compare(change: AdviceChange, before: Plan, after: Pick<Plan, 'verdict' | 'rates'>): Advice {
  return {
    change,
    effect: {
      verdict: after.verdict,
      decode: { from: before.rates.decode, to: after.rates.decode },
      requestSeconds: { from: before.rates.requestSeconds, to: after.rates.requestSeconds },
    },
  };
}

function unpinned(request: PlanRequest, plan: Plan): Advice[] {
  const pins = Object.entries(request.pins) as [keyof PlanRequest['pins'], number | string | boolean][];
  return pins.flatMap(([pin, value]) => {
    // The rates do not tell threads apart, and a context is wanted for its own sake.
    if (pin === 'threads' || pin === 'contextSize') return [];
    const rest: PlanRequest['pins'] = Object.fromEntries(pins.filter(([other]) => other !== pin));
    return [compare({ kind: 'unpin', pin, value }, plan, solve({ ...request, pins: rest }))];
  });
}

function raisedBudget(request: PlanRequest, plan: Plan): Advice[] {
  const free = request.machine.gpu?.freeBytes ?? 0;
  if (vramLimit(request) >= free) return [];
  return [
    compare({ kind: 'raiseBudget', bytes: free }, plan, solve({ ...request, vramBudgetBytes: undefined })),
  ];
}

/** Other programs may hold what the weights need; an eighth of RAM is the system's own. */
function freedRam(request: PlanRequest, plan: Plan): Advice[] {
  const { totalBytes, availableBytes } = request.machine.ram;
  const possible = Math.floor(totalBytes * 0.875);
  if (possible <= availableBytes) return [];
  const machine = { ...request.machine, ram: { totalBytes, availableBytes: possible } };
  return [
    compare({ kind: 'freeRam', bytes: possible - availableBytes }, plan, solve({ ...request, machine })),
  ];
}

/** The largest smaller level that lifts the verdict; else that saves a tenth. Those that warn come last. */
function otherQuant(request: PlanRequest, plan: Plan, { levels = [], oracleOf }: Alternatives): Advice[] {
  const { shape, machine } = request;
  const tried = levels
    .map((level) => ({
      name: level.name,
      shape: 'shape' in level ? level.shape : scaleShape(shape, level.bytes),
    }))
    .filter((level) => bytesOf(level.shape) < bytesOf(shape) * 0.98)
    .sort(
      (a, b) =>
        Number(warnsAtLoad(a.name)) - Number(warnsAtLoad(b.name)) || bytesOf(b.shape) - bytesOf(a.shape),
    )
    .map((level) => {
      const { name } = level;
      const change = {
        kind: 'smallerQuant' as const,
        name,
        quality: qualityOf(name, shape),
        warns: warnsAtLoad(name),
      };
      const oracle = oracleOf(level.shape, machine);
      return compare(change, plan, solve({ ...unplaced(request), shape: level.shape, oracle }));
    });
  return firstThatHelps(plan, tried, 0.1);
}

/** By the table that knows both levels, else by one that knows the smaller. */
export function qualityOf(
  name: string,
  { quant, parameters }: Pick<ModelShape, 'quant' | 'parameters'>,
): QuantQuality | undefined {
  const told = [mmluTableFor(parameters), perplexityTable].flatMap((table) => {
    const of = publishedFigure(table, name);
    return of === undefined ? [] : [{ table, of, instead: publishedFigure(table, quant) }];
  });
  return told.find(({ instead }) => instead !== undefined) ?? told[0];
}

/** A model of fewer parameters than this share is another thing, not the same one smaller. */
const leastParameters = 1 / 16;

/** The largest model that is wholly on the GPU, at its best level. */
function otherModel(request: PlanRequest, plan: Plan, { models = [], oracleOf }: Alternatives): Advice[] {
  const { machine, shape } = request;
  if (plan.config.gpuLayers === plan.totalLayers && plan.verdict !== 'doesNotFit') return [];
  const whole = models
    .filter(
      (model) => bytesOf(model) < bytesOf(shape) && model.parameters >= shape.parameters * leastParameters,
    )
    .map((model) => ({
      model,
      plan: solve({ ...unplaced(request), shape: model, oracle: oracleOf(model, machine) }),
    }))
    .filter(
      ({ plan: { verdict, config, totalLayers } }) =>
        verdictRank[verdict] === 2 && config.gpuLayers === totalLayers,
    )
    .sort((a, b) => b.model.parameters - a.model.parameters || bytesOf(b.model) - bytesOf(a.model))[0];
  if (whole === undefined) return [];
  const { model } = whole;
  const change = { kind: 'smallerModel' as const, name: model.name, mmlu: compareQuality(model, shape) };
  return [compare(change, plan, whole.plan)];
}

/** By the only models that one source measured in both sizes; nothing is said of other sizes. */
function compareQuality(small: ModelShape, big: ModelShape): { small: number; big: number } | undefined {
  const near = (shape: ModelShape, parameters: number) =>
    shape.parameters > parameters * 0.75 && shape.parameters < parameters * 1.33;
  if (!near(small, smallMmluTable.parameters) || !near(big, largeMmluTable.parameters)) return undefined;
  const ofSmall = publishedFigure(smallMmluTable, small.quant);
  const ofBig = publishedFigure(largeMmluTable, big.quant);
  return ofSmall === undefined || ofBig === undefined ? undefined : { small: ofSmall, big: ofBig };
}

function expertsAside(request: PlanRequest, plan: Plan): Advice[] {
  const placed = plan.config.gpuLayers < plan.totalLayers ? placeExperts(request, plan) : undefined;
  if (placed === undefined) return [];
  const { cpuExpertLayers: layers, vramBytes, ramBytes, pagedBytes, rates } = placed;
  const verdict = pagedBytes > 0 ? 'pagesFromDisk' : 'fits';
  return [compare({ kind: 'expertsOnCpu', layers, vramBytes, ramBytes }, plan, { verdict, rates })];
}

function boughtRam(request: PlanRequest, plan: Plan, { oracleOf }: Alternatives): Advice[] {
  const { totalBytes, availableBytes } = request.machine.ram;
  const tried = ramSizes
    .map((size) => size * gibibyte)
    // A machine tells a little less than what is built in.
    .filter((bytes) => bytes > totalBytes * 1.1)
    .map((bytes) => {
      const ram = { totalBytes: bytes, availableBytes: availableBytes + bytes - totalBytes };
      const machine = { ...request.machine, ram };
      const oracle = oracleOf(request.shape, machine);
      return compare({ kind: 'moreRam', bytes }, plan, solve({ ...request, machine, oracle }));
    });
  return firstThatHelps(plan, tried, leastGain);
}

/** The smallest card, as quick as the one at hand, that lifts the verdict; else that saves a fifth of the time. */
function boughtVram(request: PlanRequest, plan: Plan, { oracleOf }: Alternatives): Advice[] {
  const { gpu } = request.machine;
  if (gpu === undefined) return [];
  const tried = vramSizes
    .map((size) => size * gibibyte)
    .filter((bytes) => bytes > gpu.totalBytes * 1.1)
    .map((bytes) => {
      const larger = { ...gpu, totalBytes: bytes, freeBytes: gpu.freeBytes + bytes - gpu.totalBytes };
      const machine = { ...request.machine, gpu: larger };
      const oracle = oracleOf(request.shape, machine);
      const asked = { ...unplaced(request), machine, oracle, vramBudgetBytes: undefined };
      return compare({ kind: 'moreVram', bytes }, plan, solve(asked));
    });
  return firstThatHelps(plan, tried, 0.2);
}

/** The first that lifts the verdict as far as any does, or, where none does, that saves enough. */
function firstThatHelps(plan: Plan, tried: readonly Advice[], least: number): Advice[] {
  const highest = Math.max(-1, ...tried.map((advice) => verdictRank[advice.effect.verdict]));
  const found =
    highest > verdictRank[plan.verdict]
      ? tried.find((advice) => verdictRank[advice.effect.verdict] === highest)
      : tried.find((advice) => verdictRank[advice.effect.verdict] === highest && gain(advice) >= least);
  return found === undefined ? [] : [found];
}

/** Layers are pinned for one file on one card. */
function unplaced(request: PlanRequest): PlanRequest {
  const pins = { ...request.pins };
  delete pins.gpuLayers;
  return { ...request, pins };
}
