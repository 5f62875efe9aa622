import type { LoadedModel } from '../../src/protocol/engine';

/** A 70B on a 12 GB card. */
export function loadedModel(changes: Partial<LoadedModel> = {}): LoadedModel {
  return {
    path: '/models/Llama-3-70B-Instruct-Q4_K_M.gguf',
    name: 'Llama 3 70B Instruct',
    architecture: 'llama',
    quant: 'Q4_K_M',
    parameters: 70_600_000_000,
    sizeBytes: 42_520_000_000,
    totalLayers: 81,
    gpuLayers: 20,
    contextSize: 8192,
    trainContextSize: 8192,
    batchSize: 512,
    threads: 6,
    prefillThreads: 8,
    sequences: 1,
    kvCacheType: 'f16',
    flashAttention: true,
    mmap: true,
    memory: { ramBytes: 33_000_000_000, vramBytes: 11_500_000_000 },
    buffers: [],
    deviceUsedBytes: null,
    loadMs: 41_000,
    fileSampling: {},
    chatTemplate: 'Llama3',
    supportsThinking: false,
    fim: false,
    toolCalling: 'own',
    ...changes,
  };
}
