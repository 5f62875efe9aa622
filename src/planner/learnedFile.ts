import * as v from 'valibot';
import type { Correction } from '../plan/correction';
import type { LadderStep } from '../plan/ladder';
import { kvCacheTypes, type Calibration, type PlanConfig, type SimulatedUse } from '../protocol/engine';

/** What this machine taught. Plain data; keys are those of `deviceKey`, `PlannedFile.identity` and `correctionKey`. */
export interface Learned {
  /** By device. */
  readonly calibrations: Readonly<Record<string, Calibration>>;
  /** VRAM beside llama.cpp's buffers by device, bytes. */
  readonly residuals: Readonly<Record<string, number>>;
  readonly corrections: Readonly<Record<string, Correction>>;
  /** What a file's load had to step down to, by file. */
  readonly descents: Readonly<Record<string, Descent>>;
  /** What llama.cpp simulated, by file and device. */
  readonly simulated: Readonly<Record<string, readonly SimulatedPoint[]>>;
}

export interface Descent {
  /** What was asked for then: asked for anything else, a file is tried afresh. */
  readonly asked: string;
  readonly steps: readonly LadderStep[];
}

export interface SimulatedPoint {
  readonly config: PlanConfig;
  readonly use: SimulatedUse;
}

export const nothingLearned: Learned = {
  calibrations: {},
  residuals: {},
  corrections: {},
  descents: {},
  simulated: {},
};

/** Written into the file; one of another version is not understood. */
const version = 1;
/** Entries of each kind that are kept, the newest. */
const kept = { calibrations: 16, residuals: 16, corrections: 256, descents: 64, simulated: 32 };
const keptPoints = 48;

const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const count = v.pipe(amount, v.integer());
const kvCacheType = v.picklist(kvCacheTypes);
const calibration = v.object({
  ramBytesPerSecond: amount,
  vramBytesPerSecond: amount,
  copyBytesPerSecond: amount,
  diskBytesPerSecond: amount,
  diskIsUpperBound: v.optional(v.boolean()),
  cpuMultiplyAddsPerSecond: amount,
  gpuMultiplyAddsPerSecond: amount,
  offloadMinBatch: amount,
  seconds: amount,
});
const numberStep = <Kind extends string>(kind: Kind) =>
  v.object({ kind: v.literal(kind), from: count, to: count });
const step = v.variant('kind', [
  numberStep('fewerSequences'),
  numberStep('fewerLayers'),
  numberStep('smallerBatch'),
  numberStep('smallerContext'),
  v.object({ kind: v.literal('quantisedCache'), from: kvCacheType, to: v.picklist(['q8_0', 'q4_0']) }),
]);
const config = v.object({
  gpuLayers: count,
  contextSize: count,
  batchSize: count,
  kvCacheType,
  flashAttention: v.boolean(),
  mmap: v.boolean(),
  sequences: count,
});
const bytes = v.object({ ramBytes: amount, vramBytes: amount });
const point = v.object({ config, use: v.object({ weights: bytes, context: bytes }) });
const file = v.object({
  version: v.literal(version),
  calibrations: v.record(v.string(), calibration),
  residuals: v.record(v.string(), amount),
  corrections: v.record(
    v.string(),
    v.object({
      ...{ decode: v.array(amount), prefill: v.array(amount) },
      ...{ lastDecode: v.optional(amount), lastPrefill: v.optional(amount) },
    }),
  ),
  descents: v.record(v.string(), v.object({ asked: v.string(), steps: v.array(step) })),
  simulated: v.record(v.string(), v.array(point)),
});

export function formatLearned(learned: Learned): string {
  const { calibrations, residuals, corrections, descents, simulated } = learned;
  const points = Object.fromEntries(
    Object.entries(simulated).map(([key, list]) => [key, list.slice(-keptPoints)]),
  );
  return `${JSON.stringify({
    version,
    calibrations: newest(calibrations, kept.calibrations),
    residuals: newest(residuals, kept.residuals),
    corrections: newest(corrections, kept.corrections),
    descents: newest(descents, kept.descents),
    simulated: newest(points, kept.simulated),
  })}\n`;
}

/** undefined for a damaged text. Never throws. */
export function parseLearned(text: string): Learned | undefined {
  try {
    const parsed = v.safeParse(file, JSON.parse(text));
    if (!parsed.success) return undefined;
    const { calibrations, residuals, corrections, descents, simulated } = parsed.output;
    return { calibrations, residuals, corrections, descents, simulated };
  } catch {
    return undefined;
  }
}

/** An object with an entry put last, in place of an older one. */
export function withEntry<Value>(
  entries: Readonly<Record<string, Value>>,
  key: string,
  value: Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries([...Object.entries(entries).filter(([each]) => each !== key), [key, value]]);
}

function newest<Value>(entries: Readonly<Record<string, Value>>, most: number): Record<string, Value> {
  return Object.fromEntries(Object.entries(entries).slice(-most));
}
