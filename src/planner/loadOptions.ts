import type { LadderStep } from '../plan/ladder';
import type { Plan } from '../plan/plan';
import type { LoadOptions, PlanConfig } from '../protocol/engine';
import type { LoadForm } from '../protocol/webview';
import type { PlannedFile } from './planner';
import type { PlanWishes } from './planRequest';

/** A load with everything decided. */
export function planned(
  { modelPath, mlock }: LoadForm,
  { config, threads, prefillThreads }: Plan,
): LoadOptions {
  const { flashAttention, ...decided } = config;
  return {
    modelPath,
    mlock,
    threads,
    prefillThreads,
    ...decided,
    flashAttention: flashAttention ? 'on' : 'off',
  };
}

/** As the settings say, the rest left to the engine. Layers set for all files may be more than this one has. */
export function unplanned(form: LoadForm, { header }: Pick<PlannedFile, 'header'>): LoadOptions {
  const { modelPath, contextSize, threads, flashAttention, mmap, mlock } = form;
  return {
    ...{ modelPath, contextSize, threads, prefillThreads: threads, flashAttention, mmap, mlock },
    gpuLayers: form.gpuLayers === null ? null : Math.min(form.gpuLayers, header.totalLayers),
    batchSize: form.batchSize ?? 512,
    kvCacheType: form.kvCacheType ?? 'f16',
    sequences: form.sequences ?? 1,
  };
}

/** Nothing left to solve. */
export function pinnedTo(wishes: PlanWishes, config: PlanConfig): PlanWishes {
  return { ...wishes, pins: { ...wishes.pins, ...config } };
}

/** The layers left to solve. */
export function withoutLayers(wishes: PlanWishes): PlanWishes {
  const pins = { ...wishes.pins };
  delete pins.gpuLayers;
  return { ...wishes, pins };
}

/** At most what a descent came to. */
export function afterSteps(config: PlanConfig, steps: readonly LadderStep[]): PlanConfig {
  return steps.reduce((stepped, step): PlanConfig => {
    switch (step.kind) {
      case 'fewerSequences':
        return { ...stepped, sequences: Math.min(stepped.sequences, step.to) };
      case 'fewerLayers':
        return { ...stepped, gpuLayers: Math.min(stepped.gpuLayers, step.to) };
      case 'smallerBatch':
        return { ...stepped, batchSize: Math.min(stepped.batchSize, step.to) };
      case 'quantisedCache':
        return stepped.kvCacheType === 'q4_0'
          ? stepped
          : { ...stepped, kvCacheType: step.to, flashAttention: true };
      case 'smallerContext':
        return { ...stepped, contextSize: Math.min(stepped.contextSize, step.to) };
    }
  }, config);
}
