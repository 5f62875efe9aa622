import type { LoadForm } from '../../src/protocol/webview';

/** Settings that leave everything to the plan, but for what is named. */
export function loadForm(modelPath: string, pinned: Partial<LoadForm> = {}): LoadForm {
  return {
    modelPath,
    vramBudget: null,
    gpuLayers: null,
    contextSize: null,
    batchSize: null,
    threads: null,
    kvCacheType: null,
    flashAttention: 'auto',
    sequences: null,
    mmap: true,
    mlock: false,
    ...pinned,
  };
}
