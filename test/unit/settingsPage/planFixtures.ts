import type { PlanPlaceView, PlanView, QuantAdviceView, QuantPlanView } from '../../../src/protocol/webview';

const gib = 2 ** 30;

/** A place with the bytes of some categories, in GiB. */
export function place(total: number, other: number, bytes: Partial<PlanPlaceView['bytes']>): PlanPlaceView {
  const none = {
    weights: 0,
    experts: 0,
    kv: 0,
    checkpoints: 0,
    compute: 0,
    draft: 0,
    completion: 0,
    residual: 0,
  };
  const own = Object.fromEntries(
    Object.entries({ ...none, ...bytes }).map(([name, size]) => [name, size * gib]),
  );
  return { totalBytes: total * gib, otherBytes: other * gib, bytes: own as PlanPlaceView['bytes'] };
}

/** A 70B on a card of 12 GB. */
export const plan: PlanView = {
  gpuLayers: 20,
  totalLayers: 81,
  contextSize: 8192,
  batchSize: 512,
  kvCacheType: 'f16',
  flashAttention: true,
  mmap: true,
  sequences: 1,
  threads: 5,
  verdict: 'fits',
  reason: '20 of 81 layers are on the GPU, and the rest takes 31.9 GiB of RAM.',
  vram: {
    ...place(12, 0.5, { weights: 9.5, kv: 0.75, compute: 0.5, residual: 0.25 }),
    name: 'Card',
    budgetBytes: 11.5 * gib,
  },
  ram: place(64, 9, { weights: 29, kv: 2, compute: 1 }),
  decode: 1.83,
  prefill: 112,
  requestSeconds: 246,
  measuredDecode: 1.7,
  nextLayer: { bytes: 0.46 * gib, overBytes: 0.19 * gib },
  oneSequence: undefined,
  advice: ['A sentence.'],
  simulated: true,
  calibrated: true,
};

/** A level that fits, of 40 GiB. */
export const level: QuantPlanView = {
  ...{ level: 'Q4_K_M', path: '/a.gguf', sizeBytes: 40 * gib, gpuLayers: 20, decode: 1.8, fits: true },
  ...{ perplexityIncrease: 1.2, mmlu: undefined, suggested: true },
};

export function quantAdvice(rows: QuantPlanView[]): QuantAdviceView {
  const source = { model: 'A model', source: 'A source' };
  return { rows, recommendation: 'A sentence.', perplexity: source, mmlu: source };
}
