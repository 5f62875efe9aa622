import type { LadderStep } from '../plan/ladder';
import { gib, type Words } from '../plan/words';

/** What was too much, and what is tried in its place. */
export function describeStep(step: LadderStep, t: Words): string {
  switch (step.kind) {
    case 'fewerSequences':
      return t(
        'Memory ran out while loading with {0} KV caches. It is tried with one; short requests then take turns with the conversation.',
        step.from,
      );
    case 'fewerLayers':
      return t(
        'Memory ran out while loading with {0} layers on the GPU. It is tried with {1}.',
        step.from,
        step.to,
      );
    case 'smallerBatch':
      return t(
        'Memory ran out while loading with batches of {0} tokens. It is tried with {1}.',
        step.from,
        step.to,
      );
    case 'quantisedCache':
      return t(
        'Memory ran out while loading with a KV cache of type {0}. It is tried with {1}.',
        step.from,
        step.to,
      );
    case 'smallerContext':
      return t(
        'Memory ran out while loading with a context of {0} tokens. It is tried with {1}.',
        step.from,
        step.to,
      );
  }
}

/** What a load that exceeded its budget is repeated with. */
export type Smaller = { sequences: 1 } | { gpuLayers: number };

/** @param overBytes measured VRAM beyond the budget */
export function describeOverBudget(overBytes: number, less: Smaller, t: Words): string {
  return 'sequences' in less
    ? t(
        'The model took {0} more VRAM than the budget allows. It is loaded again with one KV cache; short requests then take turns with the conversation.',
        gib(overBytes),
      )
    : t(
        'The model took {0} more VRAM than the budget allows. It is loaded again with {1} layers on the GPU.',
        gib(overBytes),
        less.gpuLayers,
      );
}

export function describeHardQuant(quant: string, t: Words): string {
  return t(
    'Answers get visibly worse at the level {0}. Where memory is short, a smaller model at Q4_K_M may serve better.',
    quant,
  );
}

/** @param detail why, as the engine or the system told it */
export function describeNoCompletion(detail: string, t: Words): string {
  return t(
    'The model for completions was left out: {0}. Ghost text comes from the chat model, if that can fill in.',
    detail,
  );
}
