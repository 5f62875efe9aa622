import type { TypicalRequest } from '../plan/plan';
import type { PlanWishes } from '../planner/planRequest';
import type { LoadForm } from '../protocol/webview';

/** What a form pins; null, and "auto", is solved. */
export function wishesOf(
  form: LoadForm,
  typical: TypicalRequest,
  completion?: PlanWishes['completion'],
): PlanWishes {
  const { vramBudget, flashAttention } = form;
  const pinned = {
    gpuLayers: form.gpuLayers,
    contextSize: form.contextSize,
    batchSize: form.batchSize,
    threads: form.threads,
    kvCacheType: form.kvCacheType,
    flashAttention: flashAttention === 'auto' ? null : flashAttention === 'on',
    sequences: form.sequences,
    mmap: form.mmap,
  };
  return {
    vramBudgetBytes: vramBudget === null ? undefined : vramBudget * 2 ** 30,
    pins: Object.fromEntries(Object.entries(pinned).filter(([, value]) => value !== null)),
    typical,
    ...(completion && { completion }),
  };
}
