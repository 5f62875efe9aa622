import type { ModelFileView } from '../../src/protocol/webview';
import type { Values } from './draft';

/** Inclusive bounds of a number. */
export interface Limits {
  min: number;
  max: number;
}

export const rowNames = ['gpuLayers', 'contextSize', 'threads', 'batchSize', 'sequences'] as const;
export type RowName = (typeof rowNames)[number];
export type NumberName = RowName | 'vramBudget';
const numberNames: readonly NumberName[] = ['vramBudget', ...rowNames];

/** What the settings take; the file narrows it. */
export const generalLimits: Readonly<Record<NumberName, Limits>> = {
  vramBudget: { min: 0, max: 1024 },
  gpuLayers: { min: 0, max: 1000 },
  contextSize: { min: 256, max: 1_048_576 },
  threads: { min: 1, max: 512 },
  batchSize: { min: 16, max: 8192 },
  sequences: { min: 1, max: 4 },
};

/** What makes sense for a file: no more layers than it has, no longer context than it was trained for. */
export function limitsFor(name: NumberName, file: ModelFileView | undefined): Limits {
  const { min, max } = generalLimits[name];
  if (file && name === 'gpuLayers') return { min, max: file.totalLayers };
  if (file && name === 'contextSize' && file.trainContextSize >= min)
    return { min, max: file.trainContextSize };
  return { min, max };
}

/** The first number that cannot be used. `NaN` stands for a text that is no number. */
export function firstInvalid(
  values: Values,
  file: ModelFileView | undefined,
): { name: NumberName; limits: Limits } | undefined {
  for (const name of numberNames) {
    const value = values[name];
    const limits = limitsFor(name, file);
    if (value === null) continue;
    const sound = name === 'vramBudget' ? Number.isFinite(value) : Number.isInteger(value);
    if (!sound || value < limits.min || value > limits.max) return { name, limits };
  }
  return undefined;
}

const sliderSteps = 100;

/** Where a number stands on a slider of 0 … 100 that doubles evenly: contexts range over four orders. */
export function toLogStep(value: number, { min, max }: Limits): number {
  if (max <= min) return sliderSteps;
  const share = Math.log(Math.max(min, value) / min) / Math.log(max / min);
  return Math.round(Math.min(1, share) * sliderSteps);
}

/** The number at a step: a multiple of 256, the ends as they are. */
export function fromLogStep(step: number, { min, max }: Limits): number {
  if (step >= sliderSteps) return max;
  const value = min * (max / min) ** (Math.max(0, step) / sliderSteps);
  return Math.min(max, Math.max(min, Math.round(value / 256) * 256));
}
